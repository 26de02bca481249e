"""The storage account behaves as publication needs it; the one in memory as Azure's."""

from collections.abc import Mapping
from typing import cast

import httpx
import pytest

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


@pytest.fixture(params=["store", pytest.param("azure_store", marks=pytest.mark.slow)])
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


def test_a_file_without_a_name_cannot_be_written(either: Store) -> None:
    with pytest.raises(ValueError, match="name"):
        either.write(Place(CANDIDATES_CONTAINER, ""), b"one")


def test_metadata_of_any_letters_are_kept_and_replaced_as_a_whole(either: Store) -> None:
    either.write(CANDIDATE, b"", NOTES)
    before = either.need(CANDIDATE)
    assert (before.content, before.metadata) == (b"", NOTES)
    either.write(CANDIDATE, b"", {"version": "v2"})
    after = either.need(CANDIDATE)
    assert (after.metadata, after.etag != before.etag) == ({"version": "v2"}, True)
    either.write(CANDIDATE, b"one")
    assert either.need(CANDIDATE).metadata == {}


def test_a_containers_files_are_listed_by_path_with_their_metadata(either: Store) -> None:
    later = Place(CANDIDATES_CONTAINER, "usace_metrics/run.json")
    for place in (later, SAVED):
        either.write(place, b"one")
    either.write(CANDIDATE, b"one", NOTES)
    assert list(either.list(CANDIDATES_CONTAINER).items()) == [
        (CANDIDATE.path, NOTES), (later.path, {})
    ]  # fmt: skip
    assert either.paths(CANDIDATES_CONTAINER, "usace_metrics") == (later.path,)
    assert either.paths(CANDIDATES_CONTAINER, "usace") == ()


def test_a_list_has_only_the_paths_that_begin_with_its_prefix(either: Store) -> None:
    folder = "promotions/20261124T"
    paths = ["20261124T1.json", "hold", f"{folder}0900Z-b", f"{folder}1000Z-a", "promotions/20261"]
    for path in paths:
        either.write(Place(VERSIONS_CONTAINER, path), b"", NOTES)
    assert list(either.list(VERSIONS_CONTAINER, folder).items()) == [
        (f"{folder}0900Z-b", NOTES), (f"{folder}1000Z-a", NOTES)
    ]  # fmt: skip
    assert list(either.list(VERSIONS_CONTAINER, "20261124")) == ["20261124T1.json"]
    assert either.list(VERSIONS_CONTAINER, "2027") == {}


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


def copy(store: Store, metadata: Mapping[str, str] = NOTES, *, replacing: str | None) -> None:
    """Copy the candidate as it is to the public container."""
    copying = store.need(CANDIDATE).etag
    store.copy(CANDIDATE, PUBLIC, metadata, copying=copying, replacing=replacing)


def test_a_copy_has_the_content_and_headers_of_its_source_and_its_own_metadata(
    either: Store,
) -> None:
    unload(either, CANDIDATE, b"[1]")
    copy(either, replacing=None)
    assert served(either, PUBLIC)[1]["content-type"] == "application/octet-stream"
    either.serve_as_json(CANDIDATE)
    copy(either, replacing=either.need(PUBLIC).etag)
    assert served(either, PUBLIC) == (b"[1]", HEADERS)
    assert either.need(PUBLIC).metadata == NOTES


def test_a_file_has_other_headers_and_the_same_metadata(either: Store) -> None:
    either.write(CANDIDATE, b"[1]", NOTES)
    before = either.need(CANDIDATE)
    either.serve_as_json(CANDIDATE)
    after = either.need(CANDIDATE)
    assert after.metadata == NOTES
    assert after.etag != before.etag


def test_a_copy_without_metadata_has_those_of_its_source(either: Store) -> None:
    either.write(CANDIDATE, b"[1]", NOTES)
    copy(either, {}, replacing=None)
    assert either.need(PUBLIC).metadata == NOTES


def test_a_copy_replaces_only_the_file_that_was_seen(either: Store) -> None:
    either.write(CANDIDATE, b"new")
    either.write(PUBLIC, b"old")
    seen = either.need(PUBLIC).etag
    either.write(PUBLIC, b"meanwhile")
    for stale in (seen, None):
        with pytest.raises(ChangedMeanwhileError, match=r"sources/epa\.json in \S+ was changed"):
            copy(either, replacing=stale)
    assert either.need(PUBLIC).content == b"meanwhile"
    either.delete(PUBLIC)
    with pytest.raises(ChangedMeanwhileError):
        copy(either, replacing=seen)
    assert either.read(PUBLIC) is None


@pytest.mark.parametrize("rewrite", ["content", "headers"])
def test_a_copy_has_only_the_source_that_was_seen_and_says_which_file_changed(
    rewrite: str, either: Store
) -> None:
    either.write(CANDIDATE, b"checked")
    checked = either.need(CANDIDATE).etag
    either.write(PUBLIC, b"old")
    if rewrite == "content":
        either.write(CANDIDATE, b"rewritten")
    else:
        either.serve_as_json(CANDIDATE)
    replacing = either.need(PUBLIC).etag
    with pytest.raises(ChangedMeanwhileError, match=r"epa_metrics/run 1\.json in candidates was"):
        either.copy(CANDIDATE, PUBLIC, NOTES, copying=checked, replacing=replacing)
    assert (either.need(PUBLIC).content, either.need(PUBLIC).etag) == (b"old", replacing)


def test_a_missing_file_is_not_copied_or_changed(either: Store) -> None:
    with pytest.raises(MissingFileError, match=r"epa_metrics/run 1\.json in the container cand"):
        either.copy(CANDIDATE, PUBLIC, NOTES, copying='"0x8D"', replacing=None)
    with pytest.raises(MissingFileError, match=r"epa_metrics/run 1\.json in the container cand"):
        either.serve_as_json(CANDIDATE)
    assert either.read(PUBLIC) is None


def test_a_page_of_another_origin_may_read_the_public_file(either: Store) -> None:
    either.write(PUBLIC, b"[1]")
    url, allowed = either.public_url(PUBLIC), "access-control-allow-origin"
    assert httpx.get(url, headers={"Origin": "https://www.ca.gov"}).headers[allowed] == "*"
    assert allowed not in httpx.get(url).headers


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
