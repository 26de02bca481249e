"""Promotion, versions and verification, on a storage account."""

from hashlib import sha256

import httpx
import pytest

from include.publishing.holds import Hold, current_hold, release_hold, set_hold
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.promotion import is_served, promote
from include.publishing.public_file import verify
from include.publishing.store import (
    ChangedMeanwhileError,
    MissingFileError,
    NotServedError,
    Place,
    Store,
)
from include.publishing.versions import PUBLISHED, Version, saved_versions, version_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import file, metric

OLD, NEW = file(metric("a", 1)), file(metric("a", 2))
CANDIDATE = Place(CANDIDATES_CONTAINER, "run.json")


def version(content: bytes, name: str = "20261124T150000Z-new", **changes: str) -> Version:
    metadata = {"run": "manual 1", "audit": "valid"} | changes
    return Version(name, sha256(content).hexdigest(), **metadata)


def serve(store: Store, content: bytes, name: str) -> None:
    """Serve a version."""
    served = store.read(PUBLISHED)
    place = Place(CANDIDATES_CONTAINER, f"{name}.json")
    store.write(place, content)
    promote(store, place, version(content, name), replacing=served.etag if served else None)


def etag(store: Store) -> str:
    return store.need(PUBLISHED).etag


def test_a_promoted_version_is_served_as_json_with_its_metadata(store: Store) -> None:
    store.write(CANDIDATE, NEW)
    promoted = version(NEW, decided_by="Ada Lovelace", reason="Übergabe: 50 % mehr, «bestätigt»")
    promote(store, CANDIDATE, promoted, replacing=None)
    response = httpx.get(store.public_url(PUBLISHED))
    assert response.content == NEW
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "public, max-age=60, must-revalidate"
    assert version_of(store.need(PUBLISHED)) == promoted
    verify(store.public_url(PUBLISHED), promoted, patience_seconds=0)


def test_the_served_version_is_saved_before_it_is_replaced(store: Store) -> None:
    serve(store, OLD, "20261124T140000Z-old")
    store.write(CANDIDATE, NEW)
    promote(store, CANDIDATE, version(NEW), replacing=etag(store))
    [saved] = saved_versions(store)
    assert saved == version(OLD, "20261124T140000Z-old")
    assert store.need(saved.place).content == OLD
    assert httpx.get(store.public_url(saved.place)).is_client_error, "versions are private"


def test_a_file_that_somebody_else_put_there_is_saved_too(store: Store) -> None:
    store.write(PUBLISHED, OLD)
    store.write(CANDIDATE, NEW)
    promote(store, CANDIDATE, version(NEW), replacing=etag(store))
    [saved] = saved_versions(store)
    assert saved.audit == "not published by this pipeline"
    assert store.need(saved.place).content == OLD


def test_a_file_that_changed_since_the_audit_is_not_replaced(store: Store) -> None:
    serve(store, OLD, "20261124T140000Z-old")
    seen = etag(store)
    store.write(CANDIDATE, NEW)
    store.write(PUBLISHED, file(metric("a", 3)))
    with pytest.raises(ChangedMeanwhileError, match="audit again"):
        promote(store, CANDIDATE, version(NEW), replacing=seen)
    assert store.need(PUBLISHED).content == file(metric("a", 3))


def test_a_file_that_changes_at_the_last_moment_is_not_replaced(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(store, OLD, "20261124T140000Z-old")
    store.write(CANDIDATE, NEW)
    serving = MemoryStore.serve_as_json

    def meddle(self: MemoryStore, place: Place) -> None:
        serving(self, place)
        self.write(PUBLISHED, file(metric("a", 3)))

    monkeypatch.setattr(MemoryStore, "serve_as_json", meddle)
    with pytest.raises(ChangedMeanwhileError):
        promote(store, CANDIDATE, version(NEW), replacing=etag(store))
    assert store.need(PUBLISHED).content == file(metric("a", 3))


def test_of_two_publications_at_once_one_is_refused(store: Store) -> None:
    other = Place(CANDIDATES_CONTAINER, "other.json")
    serve(store, OLD, "20261124T140000Z-old")
    seen = etag(store)
    store.write(CANDIDATE, NEW)
    store.write(other, file(metric("a", 3)))
    promote(store, CANDIDATE, version(NEW), replacing=seen)
    with pytest.raises(ChangedMeanwhileError):
        promote(store, other, version(file(metric("a", 3)), "later"), replacing=seen)
    assert store.need(PUBLISHED).content == NEW


def test_a_candidate_that_changed_since_the_audit_is_not_served(store: Store) -> None:
    serve(store, OLD, "20261124T140000Z-old")
    store.write(CANDIDATE, file(metric("a", 3)))
    with pytest.raises(ChangedMeanwhileError, match="not the file that was audited"):
        promote(store, CANDIDATE, version(NEW), replacing=etag(store))
    assert store.need(PUBLISHED).content == OLD


def test_a_missing_candidate_is_an_error_and_the_served_file_stays(store: Store) -> None:
    serve(store, OLD, "20261124T140000Z-old")
    with pytest.raises(MissingFileError, match=r"run\.json"):
        promote(store, CANDIDATE, version(NEW), replacing=etag(store))
    assert store.need(PUBLISHED).content == OLD


@pytest.mark.parametrize("step", ["read", "need", "serve_as_json", "copy"])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_promotion_that_was_killed_at_any_step_can_run_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    serve(store, OLD, "20261124T140000Z-old")
    store.write(CANDIDATE, NEW)
    seen, calls, real = etag(store), [0], getattr(Store, step)

    def killed(self: Store, *values: object, **options: object) -> object:
        calls[0] += 1
        result = real(self, *values, **options)
        if calls[0] == nth:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patched:
        patched.setattr(Store, step, killed)
        try:
            promote(store, CANDIDATE, version(NEW), replacing=seen)
        except KeyboardInterrupt:
            assert httpx.get(store.public_url(PUBLISHED)).content in (OLD, NEW)
    promote(store, CANDIDATE, version(NEW), replacing=seen)
    assert httpx.get(store.public_url(PUBLISHED)).content == NEW
    assert [store.need(saved.place).content for saved in saved_versions(store)] == [OLD]


def test_a_saved_version_is_restored_by_the_same_steps(store: Store) -> None:
    serve(store, OLD, "20261124T140000Z-old")
    serve(store, NEW, "20261124T150000Z-new")
    [saved] = saved_versions(store)
    restored = version(OLD, saved.version, decided_by="Grace", reason="The new one is wrong")
    promote(store, saved.place, restored, replacing=etag(store))
    assert httpx.get(store.public_url(PUBLISHED)).content == OLD
    assert version_of(store.need(PUBLISHED)).decided_by == "Grace"
    assert len(saved_versions(store)) == 2


@pytest.mark.parametrize("wrong", ["content", "type", "gone"])
def test_a_public_address_that_does_not_serve_the_promoted_version_is_found(
    store: MemoryStore, wrong: str
) -> None:
    serve(store, NEW, "20261124T150000Z-new")
    if wrong == "content":
        store.write(PUBLISHED, OLD)
    elif wrong == "gone":
        store.delete(PUBLISHED)
    else:
        store.unload(PUBLISHED, NEW)
    with pytest.raises(NotServedError):
        verify(store.public_url(PUBLISHED), version(NEW), patience_seconds=0)


def test_an_address_that_is_out_of_reach_serves_nothing() -> None:
    with pytest.raises(NotServedError, match="out of reach"):
        verify("http://127.0.0.1:9/x.json", version(NEW), patience_seconds=0)


def test_a_hold_lasts_until_it_is_released(store: Store) -> None:
    assert current_hold(store) is None
    hold = Hold("20261124T140000Z-old", "Grace", "The new one is wrong", "2026-11-24T15:00:00Z")
    set_hold(store, hold)
    assert current_hold(store) == hold
    assert saved_versions(store) == []
    release_hold(store)
    release_hold(store)
    assert current_hold(store) is None


def test_a_version_counts_as_served_only_byte_for_byte(store: Store) -> None:
    serve(store, NEW, "20261124T150000Z-new")
    served = store.need(PUBLISHED)
    assert is_served(served, version(NEW))
    assert not is_served(served, version(NEW, "another"))
    assert not is_served(served, version(OLD))
