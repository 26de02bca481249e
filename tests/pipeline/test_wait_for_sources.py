"""A publication waits for running sources, and ends early if none is due or something stops it."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include.pipeline.wait_for_sources import publication_is_wanted, wait_for_sources
from include.publishing.contract import parse
from include.publishing.holds import Hold, set_hold
from include.publishing.released import fingerprint
from include.publishing.reviews import Review, save_review
from include.publishing.versions import PUBLISHED
from tests.pipeline.running import call, context_of, pushed
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release

# The package has a function of the same name.
module: Any = import_module("include.pipeline.wait_for_sources")
ASKING = "for_run 2"
WANTED, NOT_WANTED, OLD = {"skip_publishing": False}, {"skip_publishing": True}, {"code": "x"}


def events(**by_asset: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {
        asset: [SimpleNamespace(extra=extra) for extra in extras]
        for asset, extras in by_asset.items()
    }


@pytest.mark.parametrize(
    ("triggered", "expected"),
    [
        (events(), True),  # a person started it
        (events(epa=[WANTED]), True),
        (events(epa=[OLD]), True),
        (events(epa=[NOT_WANTED]), False),
        (events(epa=[NOT_WANTED, WANTED]), True),
        (events(epa=[NOT_WANTED], usace=[WANTED]), True),
        (events(epa=[NOT_WANTED], usace=[NOT_WANTED]), False),
    ],
)
def test_a_change_is_published_unless_no_run_wants_it(
    triggered: dict[str, list[Any]], expected: bool
) -> None:
    assert publication_is_wanted(triggered) is expected


class Scheduler:
    """The sources that run, from one look to the next.

    Attributes:
        running: The running sources at each look; the last one stays.
        slept: The seconds that the task has waited, each time.
    """

    def __init__(self) -> None:
        self.running: list[set[str]] = [set()]
        self.slept: list[float] = []
        self.now = NOW

    def get_dr_count(self, dag: str, *, run_ids: list[str] | None = None, states: list[str]) -> int:
        if dag == "approve_change":
            assert states == ["queued", "running"]
            return int(run_ids == [ASKING])
        assert states == ["running"]
        return int(dag in self.running[0])

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        if len(self.running) > 1:
            self.running.pop(0)


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Scheduler:
    made = Scheduler()
    monkeypatch.setattr(module, "utc_now", lambda: made.now)
    monkeypatch.setattr(module.time, "sleep", made.sleep)
    return made


@pytest.fixture
def due(store: MemoryStore) -> MemoryStore:
    """A storage account in which a released metric is not public."""
    publish(store, file(metric("a", 1), metric("b", 2)))
    release(store, file(metric("a", 3), metric("b", 2)))
    return store


def settle(scheduler: Scheduler, triggered: Any = None) -> tuple[Any, Any]:
    """The task's result, and why it skips both of the tasks after it."""
    context: Any = context_of("publish_metrics", "settle", after=("transform", "unload"))
    context["ti"].get_dr_count = scheduler.get_dr_count
    context["triggering_asset_events"] = triggered or {}
    try:
        return call(wait_for_sources(), context), None
    except DownstreamTasksSkipped as skipped:
        rest = skipped.tasks == ["transform", "unload"]
        return None, pushed(context)["skipped_because"] if rest else skipped.tasks


def test_a_publication_waits_until_no_source_is_running(
    scheduler: Scheduler, due: MemoryStore
) -> None:
    scheduler.running = [{"epa", "usace"}, {"usace"}, set()]
    assert settle(scheduler) == ("Released and not public: a", None)
    assert scheduler.slept == [module.POLL_SECONDS] * 2


def test_what_is_released_during_the_wait_is_published_too(
    scheduler: Scheduler, due: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler.running = [{"epa"}, set()]

    def sleep(seconds: float) -> None:
        release(due, file(metric("new", 7)), "epa")
        scheduler.sleep(seconds)

    monkeypatch.setattr(module.time, "sleep", sleep)
    assert settle(scheduler) == ("Released and not public: a, new", None)


def test_a_source_that_takes_too_long_does_not_delay_the_others(
    scheduler: Scheduler, due: MemoryStore
) -> None:
    scheduler.running = [{"usace"}]
    assert settle(scheduler) == ("Released and not public: a", None)
    assert sum(scheduler.slept) == pytest.approx(
        module.SETTLE.total_seconds(), abs=2 * module.POLL_SECONDS
    )


def test_a_cleared_run_waits_no_longer_than_the_first_attempt_would_have(
    scheduler: Scheduler, due: MemoryStore
) -> None:
    scheduler.running = [{"usace"}]
    scheduler.now += module.SETTLE + timedelta(seconds=1)
    assert settle(scheduler) == ("Released and not public: a", None)
    assert scheduler.slept == []


def test_if_everything_released_is_public_the_rest_is_skipped(
    scheduler: Scheduler, due: MemoryStore
) -> None:
    publish(due, file(metric("b", 2), metric("a", 3)), "v2")
    assert settle(scheduler) == (None, "The public file says what the sources have released")


def test_a_broken_release_is_left_to_the_audit_and_does_not_count_as_public(
    scheduler: Scheduler, due: MemoryStore
) -> None:
    publish(due, file(metric("a", 3), metric("b", 2)), "v2")
    release(due, file(metric("c", -1)), "epa")
    assert settle(scheduler) == ("Released and not public: ", None)


@pytest.mark.parametrize("stop", ["hold", "question", "answer", None])
def test_a_hold_a_question_or_an_answer_skips_the_rest_and_is_named(
    stop: str | None, scheduler: Scheduler, due: MemoryStore
) -> None:
    wanted = fingerprint(parse(file(metric("a", 3), metric("b", 2)), NOW))
    asked = Review(ASKING, wanted, due.need(PUBLISHED).etag, NOW)
    if stop == "hold":
        set_hold(due, Hold("v1", "Grace", "The count is wrong", NOW, "manual 1"))
    elif stop == "question":
        save_review(due, asked)
    elif stop == "answer":
        save_review(due, replace(asked, held_by="Ada", reason="A slip", answered_at=NOW))
    else:
        save_review(due, replace(asked, run="for_a_killed_run"))
    why = {
        "hold": "Grace holds v1 since Tue Nov 24, 7:00 AM PST: The count is wrong",
        "question": f"they wait for a review, which the run {ASKING} of approve_change asks for",
        "answer": "Ada held them: A slip",
    }
    expected = (
        (None, f"Released metrics are not published: {why[stop]}")
        if stop
        else ("Released and not public: a", None)
    )
    assert settle(scheduler) == expected


def test_a_change_that_nobody_wants_to_publish_waits_for_nothing(
    scheduler: Scheduler, due: MemoryStore
) -> None:
    scheduler.running = [{"usace"}]
    assert settle(scheduler, events(epa=[NOT_WANTED])) == (
        None,
        "The source's run was triggered with 'Do not publish'",
    )
    assert scheduler.slept == []
