"""The storage account behaves as publication needs it; the one in memory as Azure's."""

from typing import cast

import httpx
import pytest
from azure.core.exceptions import HttpResponseError

from include.publishing.azure_store import AzureStore
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from include.publishing.store import ChangedMeanwhileError, MissingFileError, Place, Store
from local.azurite import client
from local.cloud import Cloud
from tests.publishing.memory_store import MemoryStore

PUBLIC = Place(PUBLIC_CONTAINER, "sources/epa.json")
CANDIDATE = Place(CANDIDATES_CONTAINER, "epa_metrics/run 1.json")
SAVED = Place(VERSIONS_CONTAINER, "v1.json")
NOTES = {"version": "v1", "reason": "Übergabe: 50 % mehr, «bestätigt» & more", "empty": ""}
HEADERS = {
    "content-type": "application/json",
    "cache-control": "public, max-age=60, must-revalidate",
}


@pytest.fixture(params=["store", pytest.param("azure_store", marks=pytest.mark.cloud)])
def either(request: pytest.FixtureRequest) -> Store:
    """The store in memory, then Azure's."""
    return cast("Store", request.getfixturevalue(request.param))


def unload(store: Store, place: Place, content: bytes) -> None:
    """Write a file as the warehouse does: without the headers of a public file."""
    if isinstance(store, MemoryStore):
        store.unload(place, content)
    else:
        assert isinstance(store, AzureStore)
        store._blob(place).upload_blob(content, overwrite=True)


def served(store: Store, place: Place) -> tuple[bytes, dict[str, str | None]]:
    response = httpx.get(store.public_url(place)).raise_for_status()
    return response.content, {name: response.headers.get(name) for name in HEADERS}


def test_a_written_file_is_read_back_and_has_no_metadata(either: Store) -> None:
    either.write(CANDIDATE, b"one")
    first = either.need(CANDIDATE)
    either.write(CANDIDATE, b"two")
    second = either.need(CANDIDATE)
    assert (first.content, second.content) == (b"one", b"two")
    assert first.metadata == {}
    assert first.etag != second.etag
    assert first.modified_at.utcoffset() is not None
    assert first.modified_at <= second.modified_at
    assert first.modified_at.microsecond == 0, "the account knows whole seconds"


def test_a_missing_file_reads_as_nothing_and_is_named_if_it_is_needed(either: Store) -> None:
    assert either.read(CANDIDATE) is None
    with pytest.raises(MissingFileError) as caught:
        either.need(CANDIDATE)
    assert str(caught.value) == "There is no epa_metrics/run 1.json in the container candidates."


def test_metadata_of_any_letters_are_kept_and_replaced_as_a_whole(either: Store) -> None:
    either.write(CANDIDATE, b"one")
    before = either.need(CANDIDATE)
    either.set_metadata(CANDIDATE, NOTES)
    after = either.need(CANDIDATE)
    assert after.metadata == NOTES
    assert (after.content, after.etag != before.etag) == (b"one", True)
    either.set_metadata(CANDIDATE, {"version": "v2"})
    assert either.need(CANDIDATE).metadata == {"version": "v2"}


def test_a_containers_files_are_listed_by_path_with_their_metadata(either: Store) -> None:
    later = Place(CANDIDATES_CONTAINER, "usace_metrics/run.json")
    for place in (later, CANDIDATE, SAVED):
        either.write(place, b"one")
    either.set_metadata(CANDIDATE, NOTES)
    assert list(either.list(CANDIDATES_CONTAINER).items()) == [
        (CANDIDATE.path, NOTES), (later.path, {})
    ]  # fmt: skip
    assert either.paths(CANDIDATES_CONTAINER, "usace_metrics") == (later.path,)
    assert either.paths(CANDIDATES_CONTAINER, "usace") == ()


def test_a_file_is_replaced_only_if_nobody_else_wrote_it(either: Store) -> None:
    either.replace(SAVED, b"one", replacing=None)
    seen = either.need(SAVED).etag
    either.replace(SAVED, b"two", replacing=seen)
    for stale in (seen, None):
        with pytest.raises(ChangedMeanwhileError, match=r"v1\.json in versions was changed by"):
            either.replace(SAVED, b"three", replacing=stale)
    assert either.need(SAVED).content == b"two"
    either.delete(SAVED)
    with pytest.raises(ChangedMeanwhileError):
        either.replace(SAVED, b"three", replacing=seen)
    assert either.read(SAVED) is None


def test_a_file_is_deleted_once_and_a_missing_one_is_no_error(either: Store) -> None:
    either.write(SAVED, b"one")
    either.delete(SAVED)
    either.delete(SAVED)
    assert either.read(SAVED) is None


def test_a_copy_has_the_content_and_headers_of_its_source_and_its_own_metadata(
    either: Store,
) -> None:
    unload(either, CANDIDATE, b"[1]")
    either.set_metadata(CANDIDATE, {"version": "other"})
    assert served_after_copy(either)[1]["content-type"] == "application/octet-stream"
    either.serve_as_json(CANDIDATE)
    assert either.need(CANDIDATE).metadata == {"version": "other"}
    assert served_after_copy(either) == (b"[1]", HEADERS)
    assert either.need(PUBLIC).metadata == NOTES


def served_after_copy(store: Store) -> tuple[bytes, dict[str, str | None]]:
    served_now = store.read(PUBLIC)
    etag = served_now.etag if served_now else None
    store.copy(CANDIDATE, PUBLIC, NOTES, replacing=etag)
    return served(store, PUBLIC)


def test_a_copy_without_metadata_has_those_of_its_source(either: Store) -> None:
    either.write(CANDIDATE, b"[1]")
    either.set_metadata(CANDIDATE, NOTES)
    either.copy(CANDIDATE, PUBLIC, {}, replacing=None)
    assert either.need(PUBLIC).metadata == NOTES


def test_a_copy_replaces_only_the_file_that_was_seen(either: Store) -> None:
    either.write(CANDIDATE, b"new")
    either.write(PUBLIC, b"old")
    seen = either.need(PUBLIC).etag
    either.write(PUBLIC, b"meanwhile")
    for stale in (seen, None):
        with pytest.raises(ChangedMeanwhileError, match=r"sources/epa\.json in \S+ was changed"):
            either.copy(CANDIDATE, PUBLIC, NOTES, replacing=stale)
    assert either.need(PUBLIC).content == b"meanwhile"
    either.delete(PUBLIC)
    with pytest.raises(ChangedMeanwhileError):
        either.copy(CANDIDATE, PUBLIC, NOTES, replacing=seen)
    assert either.read(PUBLIC) is None


def test_a_missing_file_is_not_copied_or_changed(either: Store) -> None:
    with pytest.raises(HttpResponseError):
        either.copy(CANDIDATE, PUBLIC, NOTES, replacing=None)
    with pytest.raises(HttpResponseError):
        either.set_metadata(CANDIDATE, NOTES)
    with pytest.raises(HttpResponseError):
        either.serve_as_json(CANDIDATE)
    assert either.read(PUBLIC) is None


def test_only_the_public_container_is_served(either: Store) -> None:
    for place in (PUBLIC, CANDIDATE, SAVED):
        either.write(place, b"[1]")
    assert served(either, PUBLIC) == (b"[1]", HEADERS)
    assert httpx.get(either.public_url(CANDIDATE)).is_client_error
    assert httpx.get(either.public_url(SAVED)).is_client_error
    assert httpx.get(either.public_url(Place(PUBLIC_CONTAINER, "missing.json"))).is_client_error


def test_azures_account_is_named_after_its_credentials(azure_store: AzureStore) -> None:
    assert azure_store.account == "devstoreaccount1"


def test_a_container_without_public_access_serves_nothing(
    azure_store: AzureStore, cloud: Cloud
) -> None:
    azure_store.write(PUBLIC, b"[1]")
    container = client(cloud.url("blob")).get_container_client(PUBLIC_CONTAINER)
    container.set_container_access_policy({}, public_access=None)
    try:
        assert httpx.get(azure_store.public_url(PUBLIC)).is_client_error
    finally:
        container.set_container_access_policy({}, public_access="blob")
    assert served(azure_store, PUBLIC)[0] == b"[1]"
