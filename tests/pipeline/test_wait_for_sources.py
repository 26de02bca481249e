"""A publication waits for running sources, unless nobody wants it or a later run is queued."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import DownstreamTasksSkipped

from include.pipeline.wait_for_sources import publication_is_wanted, wait_for_sources
from tests.pipeline.running import call, context_of
from tests.publishing.samples import NOW

# The package has a function of the same name.
module: Any = import_module("include.pipeline.wait_for_sources")
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
    """How many runs of each DAG are in a state, from one look to the next.

    Attributes:
        running: The running sources at each look; the last one stays.
        queued: Whether a later publication is queued.
        slept: The seconds that the task has waited, each time.
    """

    def __init__(self) -> None:
        self.running: list[set[str]] = [set()]
        self.queued = False
        self.slept: list[float] = []
        self.now = NOW

    def get_dr_count(self, dag: str, states: list[str]) -> int:
        if dag == "publish_metrics":
            assert states == ["queued"]
            return int(self.queued)
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


def settle(scheduler: Scheduler, triggered: Any = None) -> Any:
    context: Any = context_of("publish_metrics", "settle", after=("transform", "unload"))
    context["ti"].get_dr_count = scheduler.get_dr_count
    context["triggering_asset_events"] = triggered or {}
    return call(wait_for_sources(), context)


def test_a_publication_waits_until_no_source_is_running(scheduler: Scheduler) -> None:
    scheduler.running = [{"epa", "usace"}, {"usace"}, set()]
    assert settle(scheduler) == "No source is running any more."
    assert scheduler.slept == [module.POLL_SECONDS] * 2


def test_a_source_that_takes_too_long_does_not_delay_the_others(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    scheduler.running = [{"usace"}]
    settle(scheduler)
    assert sum(scheduler.slept) == pytest.approx(
        module.SETTLE.total_seconds(), abs=2 * module.POLL_SECONDS
    )


def test_a_queued_run_publishes_for_this_one(scheduler: Scheduler) -> None:
    scheduler.queued = True
    with pytest.raises(DownstreamTasksSkipped) as caught:
        settle(scheduler)
    assert caught.value.tasks == ["transform", "unload"]


def test_a_change_that_nobody_wants_to_publish_waits_for_nothing(scheduler: Scheduler) -> None:
    scheduler.running = [{"usace"}]
    with pytest.raises(DownstreamTasksSkipped):
        settle(scheduler, events(epa=[NOT_WANTED]))
    assert scheduler.slept == []
