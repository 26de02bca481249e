"""A release replaces the source's own file, and stores what the run has read."""

from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from include.pipeline import release as module
from include.pipeline.change_detection import code_fingerprint
from include.pipeline.defaults import SOURCE_ASSETS
from include.pipeline.release import release_source
from include.publishing.names import (
    CANDIDATES_CONTAINER,
    PUBLIC_CONTAINER,
    candidate_file,
    source_file,
)
from include.publishing.store import ChangedMeanwhileError, Place
from include.sources import SOURCES
from tests.pipeline.running import RUN, call, context_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric

MALIBU = SOURCES["malibu"]
CANDIDATE = Place(CANDIDATES_CONTAINER, candidate_file("malibu_metrics", RUN))
RELEASED = Place(PUBLIC_CONTAINER, source_file("malibu"))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "utc_now", lambda: NOW)


def release() -> Any:
    return call(release_source(MALIBU), context_of("malibu", "release"))


def test_the_runs_candidate_becomes_the_sources_file(store: MemoryStore) -> None:
    content = file(metric("a"), metric("b"))
    store.unload(CANDIDATE, content)
    assert release() == 2
    assert store.need(RELEASED).content == content


def test_a_release_says_when_it_was_unloaded(store: MemoryStore) -> None:
    store.unload(CANDIDATE, file())
    store.backdate(CANDIDATE, NOW)
    release()
    assert store.need(RELEASED).metadata == {
        "unloaded_at": "2026-11-24T15:00:00Z",
        "candidate": CANDIDATE.path,
    }


@pytest.mark.parametrize(("age", "older"), [(1, True), (0, False), (-1, False)])
def test_an_older_candidate_never_replaces_a_newer_release_and_touches_no_asset(
    age: int, older: bool, store: MemoryStore
) -> None:
    store.unload(CANDIDATE, file(metric("a", 1)))
    store.backdate(CANDIDATE, NOW)
    release()
    store.unload(CANDIDATE, file(metric("a", 2)))
    store.backdate(CANDIDATE, NOW - timedelta(seconds=age))
    before = store.need(RELEASED)
    if not older:
        assert release() == 1
        assert store.need(RELEASED).content == file(metric("a", 2))
        return
    # A skipped task updates no asset, and runs no `post_execute`.
    with pytest.raises(
        AirflowSkipException,
        match=r"malibu were unloaded at 2026-11-24T14:59:59Z, the released ones at"
        r" 2026-11-24T15:00:00Z: the newer ones stay\.",
    ):
        release()
    assert store.need(RELEASED) == before


def test_a_release_without_a_time_is_replaced(store: MemoryStore) -> None:
    store.write(RELEASED, file(metric("a", 1)))
    store.unload(CANDIDATE, file(metric("a", 2)))
    assert release() == 1


def test_a_candidate_that_is_rewritten_during_its_check_is_not_released(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(RELEASED, file(metric("a", 1)))
    store.unload(CANDIDATE, file(metric("a", 2)))
    copy = store.copy

    def meddle(*given: Any, **options: Any) -> None:
        store.unload(CANDIDATE, b"[]")
        copy(*given, **options)

    monkeypatch.setattr(store, "copy", meddle)
    with pytest.raises(ChangedMeanwhileError, match="in candidates was changed"):
        release()
    assert store.need(RELEASED).content == file(metric("a", 1))


def test_a_candidate_that_breaks_the_contract_is_refused_for_good(store: MemoryStore) -> None:
    store.write(RELEASED, file())
    store.unload(CANDIDATE, file(metric(value=-1)))
    with pytest.raises(AirflowFailException, match="a count cannot be -1"):
        release()
    assert store.need(RELEASED).content == file()


@pytest.mark.parametrize("skips", [False, True])
def test_the_state_that_was_read_is_stored_with_the_sources_asset(skips: bool) -> None:
    first, second, *_ = (part.reader for part in MALIBU.lists)
    report = {"source_edited_at": "x", "loaded_at": "y", "content_hash": "z", "rows": 4}
    xcoms = {(first, "return_value"): report, (second, "return_value"): {"content_hash": "w"}}
    context: Any = context_of("malibu", "release", xcoms=xcoms, skip_publishing=skips)

    released: Any = release_source(MALIBU)
    released.operator._post_execute_hook(context)

    assert context["outlet_events"][SOURCE_ASSETS["malibu"]].extra == {
        "seen": {
            first: {"source_edited_at": "x", "loaded_at": "y", "content_hash": "z"},
            second: {"source_edited_at": None, "loaded_at": None, "content_hash": "w"},
        },
        "code": code_fingerprint(),
        "skip_publishing": skips,
    }
    assert released.operator.outlets == [SOURCE_ASSETS["malibu"]]
