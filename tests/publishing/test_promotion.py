"""Promotion, versions and verification, on a storage account."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.promotion import OlderError, is_served, promote, replace_source_file
from include.publishing.promotion_log import promotions
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
from tests.publishing.samples import NOW, file, metric, publish, released

OLD, NEW, OTHER = (file(metric("a", value)) for value in (1, 2, 3))
OLDER, NEWER = "20261124T140000Z-old", "20261124T150000Z-new"
CANDIDATE = Place(CANDIDATES_CONTAINER, "run.json")
LATER = NOW + timedelta(minutes=1)


def version(content: bytes, name: str = NEWER, **changes: str) -> Version:
    metadata = {"run": "manual 1", "audit": "valid"} | changes
    return Version(name, sha256(content).hexdigest(), **metadata)


def promote_candidate(store: Store, replacing: str | None) -> None:
    """Promote the stored candidate as the version of `NEW`."""
    promote(store, CANDIDATE, version(NEW), replacing=replacing, now=LATER)


def etag(store: Store) -> str:
    return store.need(PUBLISHED).etag


def saved(store: Store) -> dict[str, bytes]:
    """The content of each saved version, the newest first."""
    return {one.version: store.need(one.place).content for one in saved_versions(store, NOW)}


def logged(store: Store) -> list[str]:
    """The versions that were promoted, the newest promotion first."""
    return [one.version.version for one in promotions(store, NOW)]


def test_a_promoted_version_is_served_as_json_with_its_metadata(store: Store) -> None:
    store.write(CANDIDATE, NEW)
    promoted = version(NEW, decided_by="Ada Lovelace", reason="Übergabe: 50 % mehr, «bestätigt»")
    promote(store, CANDIDATE, promoted, replacing=None, now=NOW)
    response = httpx.get(store.public_url(PUBLISHED))
    assert response.content == NEW
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "public, max-age=60, must-revalidate"
    assert version_of(store.need(PUBLISHED)) == promoted
    [promotion] = promotions(store, NOW)
    assert (promotion.at, promotion.version) == (NOW, promoted)
    verify(store.public_url(PUBLISHED), promoted, patience_seconds=0)


def test_a_version_is_kept_when_it_is_promoted_and_not_when_it_is_replaced(store: Store) -> None:
    publish(store, OLD, OLDER)
    assert saved(store) == {OLDER: OLD}
    store.delete(PUBLISHED)
    store.write(CANDIDATE, NEW)
    promote_candidate(store, None)
    assert saved(store) == {NEWER: NEW, OLDER: OLD}
    assert httpx.get(store.public_url(version(OLD, OLDER).place)).is_client_error, "private"


def test_a_file_that_somebody_else_put_there_is_saved_before_it_is_replaced(
    store: MemoryStore,
) -> None:
    store.write(PUBLISHED, OLD)
    store.backdate(PUBLISHED, NOW - timedelta(hours=1))
    store.write(CANDIDATE, NEW)
    promote_candidate(store, etag(store))
    newest, somebodys = saved_versions(store, NOW)
    assert newest.version == NEWER
    assert somebodys.version == f"20261124T140000Z-{sha256(OLD).hexdigest()[:12]}"
    assert somebodys.audit == "not published by this pipeline"
    assert store.need(somebodys.place).content == OLD
    assert logged(store) == [NEWER], "nobody promoted it"


def test_a_file_that_changed_since_the_audit_is_not_replaced(store: Store) -> None:
    publish(store, OLD, OLDER)
    seen = etag(store)
    store.write(CANDIDATE, NEW)
    store.write(PUBLISHED, OTHER)
    with pytest.raises(ChangedMeanwhileError, match="audit again"):
        promote_candidate(store, seen)
    assert store.need(PUBLISHED).content == OTHER
    assert logged(store) == [OLDER]


@pytest.fixture
def before_copy(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a file at the last moment before each copy to a target."""

    def write(target: Place, place: Place, content: bytes) -> None:
        copy = store.copy

        def meddle(source: Place, to: Place, *given: Any, **options: Any) -> None:
            if to == target:
                store.write(place, content)
            copy(source, to, *given, **options)

        monkeypatch.setattr(store, "copy", meddle)

    return write


def test_a_public_file_that_changes_at_the_last_moment_is_not_replaced(
    store: MemoryStore, before_copy: Any
) -> None:
    publish(store, OLD, OLDER)
    store.write(CANDIDATE, NEW)
    before_copy(PUBLISHED, PUBLISHED, OTHER)
    with pytest.raises(ChangedMeanwhileError, match=r"ddrc-metrics\.json"):
        promote_candidate(store, etag(store))
    assert store.need(PUBLISHED).content == OTHER
    assert logged(store) == [OLDER]


def test_a_candidate_that_is_rewritten_after_its_check_never_is_public(
    store: MemoryStore, before_copy: Any
) -> None:
    publish(store, OLD, OLDER)
    store.write(CANDIDATE, NEW)
    before_copy(version(NEW).place, CANDIDATE, OTHER)
    with pytest.raises(ChangedMeanwhileError, match=r"run\.json in candidates"):
        promote_candidate(store, etag(store))
    assert store.need(PUBLISHED).content == OLD
    assert saved(store) == {OLDER: OLD}


def test_a_saved_version_that_is_rewritten_before_it_is_public_is_refused(
    store: MemoryStore, before_copy: Any
) -> None:
    publish(store, OLD, OLDER)
    store.write(CANDIDATE, NEW)
    before_copy(PUBLISHED, version(NEW).place, OTHER)
    with pytest.raises(ChangedMeanwhileError, match=rf"{NEWER}\.json in versions"):
        promote_candidate(store, etag(store))
    assert store.need(PUBLISHED).content == OLD


def test_a_version_whose_saved_file_has_another_content_is_not_served(store: Store) -> None:
    publish(store, OLD, OLDER)
    store.write(CANDIDATE, NEW)
    store.write(version(NEW).place, OTHER)
    with pytest.raises(ChangedMeanwhileError, match=f"version {NEWER} has another content"):
        promote_candidate(store, etag(store))
    assert store.need(PUBLISHED).content == OLD


def test_of_two_publications_at_once_one_is_refused(store: Store) -> None:
    other = Place(CANDIDATES_CONTAINER, "other.json")
    publish(store, OLD, OLDER)
    seen = etag(store)
    store.write(CANDIDATE, NEW)
    store.write(other, OTHER)
    promote_candidate(store, seen)
    with pytest.raises(ChangedMeanwhileError):
        promote(store, other, version(OTHER, "later"), replacing=seen, now=LATER)
    assert store.need(PUBLISHED).content == NEW
    assert logged(store) == [NEWER, OLDER]


def test_a_candidate_that_changed_since_the_audit_is_not_served(store: Store) -> None:
    publish(store, OLD, OLDER)
    store.write(CANDIDATE, OTHER)
    with pytest.raises(ChangedMeanwhileError, match="not the file that was audited"):
        promote_candidate(store, etag(store))
    assert store.need(PUBLISHED).content == OLD


def test_a_missing_candidate_is_an_error_and_the_served_file_stays(store: Store) -> None:
    publish(store, OLD, OLDER)
    store.delete(CANDIDATE)
    with pytest.raises(MissingFileError, match=r"run\.json"):
        promote_candidate(store, etag(store))
    assert store.need(PUBLISHED).content == OLD


STEPS = {"read": 6, "list": 2, "serve_as_json": 1, "copy": 2, "write": 1}


@pytest.mark.parametrize(
    ("step", "nth"), [(step, nth) for step, most in STEPS.items() for nth in range(1, most + 1)]
)
@pytest.mark.parametrize("after", [False, True])
def test_a_promotion_that_was_killed_at_any_step_can_run_again_and_is_logged_once(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch, step: str, nth: int, after: bool
) -> None:
    publish(store, OLD, OLDER)
    store.write(CANDIDATE, NEW)
    seen, calls, real = etag(store), [0], getattr(store, step)

    def killed(*values: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth and not after:
            raise KeyboardInterrupt
        result = real(*values, **options)
        if calls[0] == nth:
            raise KeyboardInterrupt
        return result

    with monkeypatch.context() as patched:
        patched.setattr(store, step, killed)
        with pytest.raises(KeyboardInterrupt):
            promote_candidate(store, seen)
    assert httpx.get(store.public_url(PUBLISHED)).content in (OLD, NEW)

    promote_candidate(store, seen)
    promote_candidate(store, seen)

    assert httpx.get(store.public_url(PUBLISHED)).content == NEW
    assert saved(store) == {NEWER: NEW, OLDER: OLD}
    assert logged(store) == [NEWER, OLDER]


def test_a_saved_version_is_restored_by_the_same_steps(store: Store) -> None:
    publish(store, OLD, OLDER)
    publish(store, NEW, NEWER, at=LATER)
    restored = version(OLD, OLDER, decided_by="Grace", reason="The new one is wrong")
    at = LATER + timedelta(minutes=1)
    promote(store, restored.place, restored, replacing=etag(store), now=at)
    assert httpx.get(store.public_url(PUBLISHED)).content == OLD
    assert version_of(store.need(PUBLISHED)) == restored
    assert saved(store) == {NEWER: NEW, OLDER: OLD}
    assert logged(store) == [OLDER, NEWER, OLDER]


@pytest.mark.parametrize("wrong", ["content", "type", "gone"])
def test_a_public_address_that_does_not_serve_the_promoted_version_is_found(
    store: MemoryStore, wrong: str
) -> None:
    publish(store, NEW, NEWER)
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


def test_a_version_counts_as_served_only_byte_for_byte(store: Store) -> None:
    publish(store, NEW, NEWER)
    served = store.need(PUBLISHED)
    assert is_served(served, version(NEW))
    assert not is_served(served, version(NEW, "another"))
    assert not is_served(served, version(OLD))
    assert not is_served(None, version(NEW))


def test_a_sources_first_release_and_each_later_one_says_when_it_was_unloaded(
    store: MemoryStore,
) -> None:
    for content, at in ((OLD, NOW), (NEW, LATER)):
        store.unload(CANDIDATE, content)
        store.backdate(CANDIDATE, at)
        [found] = replace_source_file(store, CANDIDATE, "epa", LATER)
        served = store.need(released("epa"))
        assert (served.content, found.name) == (content, "a")
        assert served.metadata == {
            "unloaded_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "candidate": CANDIDATE.path,
        }
    store.unload(CANDIDATE, OTHER)
    store.backdate(CANDIDATE, NOW)
    with pytest.raises(OlderError, match="15:00:00Z, the released ones at 2026-11-24T15:01:00Z"):
        replace_source_file(store, CANDIDATE, "epa", LATER)
    assert store.need(released("epa")).content == NEW


def test_a_source_released_again_at_the_same_second_is_replaced(store: MemoryStore) -> None:
    for content in (OLD, NEW):
        store.unload(CANDIDATE, content)
        store.backdate(CANDIDATE, NOW)
        replace_source_file(store, CANDIDATE, "epa", LATER)
    assert store.need(released("epa")).content == NEW
