"""How the storage account may read the source of a copy: by its key, or in the pipeline's name."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient

from include.publishing import azure_store
from include.publishing.azure_store import AzureStore
from include.publishing.store import ChangedMeanwhileError, Place

UNCHANGED = MatchConditions.IfNotModified
SOURCE, TARGET = Place("candidates", "a.json"), Place("dashboard-data", "b.json")


class Account:
    """A storage account that remembers what it is asked.

    Attributes:
        copies: The sources of copies, with their options.
        signed: The options of each signature.
        keys: The times of each delegation key.
    """

    account_name = "ddrc"

    def __init__(self, credential: object) -> None:
        self.credential = credential
        self.copies: list[tuple[str, dict[str, Any]]] = []
        self.signed: list[dict[str, Any]] = []
        self.keys: list[tuple[datetime, datetime]] = []
        self.refuses = False
        self.etag: str | None = "seen"

    def get_user_delegation_key(self, start: datetime, until: datetime) -> str:
        self.keys.append((start, until))
        return "delegated"

    def get_blob_client(self, container: str, path: str) -> Any:
        return SimpleNamespace(
            url=f"https://ddrc.example/{container}/{path}",
            start_copy_from_url=self._copy,
            download_blob=self._download,
        )

    def _download(self) -> Any:
        if self.etag is None:
            raise ResourceNotFoundError("404")
        properties = SimpleNamespace(etag=self.etag, metadata=None, last_modified=None)
        return SimpleNamespace(readall=lambda: b"", properties=properties)

    def sign(self, account: str, container: str, path: str, **options: Any) -> str:
        self.signed.append({"account": account, "of": f"{container}/{path}", **options})
        return "sig=x"

    def _copy(self, source: str, **options: Any) -> None:
        if self.refuses:
            raise ResourceModifiedError("412")
        self.copies.append((source, options))


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Copies a file in an account with a credential; returns the account."""

    def copy(credential: object, *, refuses: bool = False, etag: str | None = "seen") -> Account:
        account = Account(credential)
        account.refuses, account.etag = refuses, etag
        monkeypatch.setattr(azure_store, "generate_blob_sas", account.sign)
        store = AzureStore(cast("BlobServiceClient", account))
        store.copy(SOURCE, TARGET, {"reason": "a b"}, copying="seen", replacing="etag")
        return account

    return copy


def test_a_copy_is_one_step_on_the_server_with_its_conditions_and_metadata(copied: Any) -> None:
    account = copied(SimpleNamespace(account_key="key"))
    [(source, options)] = account.copies
    assert source == "https://ddrc.example/candidates/a.json?sig=x"
    assert options["requires_sync"] is True
    assert options["metadata"] == {"reason": "a%20b"}
    assert (options["etag"], options["match_condition"]) == ("etag", UNCHANGED)
    assert (options["source_etag"], options["source_match_condition"]) == ("seen", UNCHANGED)


def test_an_account_key_signs_by_itself(copied: Any) -> None:
    account = copied(SimpleNamespace(account_key="key"))
    [signature] = account.signed
    assert (signature["account"], signature["of"]) == ("ddrc", "candidates/a.json")
    assert signature["account_key"] == "key"
    assert "user_delegation_key" not in signature
    assert account.keys == []


def test_a_person_or_an_application_signs_with_a_delegated_key(copied: Any) -> None:
    account = copied(object())
    [signature] = account.signed
    assert signature["user_delegation_key"] == "delegated"
    assert "account_key" not in signature
    [(start, until)] = account.keys
    assert until - start == timedelta(minutes=5)
    assert signature["expiry"] == until
    assert abs(datetime.now(UTC) - start) < timedelta(minutes=1)


def test_a_signature_allows_only_reading(copied: Any) -> None:
    [signature] = copied(SimpleNamespace(account_key="key")).signed
    assert str(signature["permission"]) == "r"


@pytest.mark.parametrize(
    ("etag", "changed"),
    [
        ("seen", r"b\.json in dashboard-data was changed"),
        ("another", r"a\.json in candidates was changed"),
        (None, r"a\.json in candidates was changed"),
    ],
)
def test_a_refused_copy_names_the_file_that_was_changed_meanwhile(
    etag: str | None, changed: str, copied: Any
) -> None:
    with pytest.raises(ChangedMeanwhileError, match=changed):
        copied(object(), refuses=True, etag=etag)


def test_a_file_without_metadata_has_none() -> None:
    assert azure_store._unquoted(None) == {}
    assert azure_store._unquoted({"a": None, "b": "x%20y"}) == {"a": "", "b": "x y"}
