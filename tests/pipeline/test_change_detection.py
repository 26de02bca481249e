"""What makes a source run all the way although it may show nothing new."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Context, DagRunState

from include.pipeline import change_detection
from include.pipeline.change_detection import (
    RELOAD_AFTER,
    deployed_code,
    last_seen,
    reason_of_age,
    reason_to_run,
)
from include.pipeline.defaults import SOURCE_ASSETS
from include.publishing.public_file import OLDEST

NOW = datetime(2026, 11, 22, 8, 27, tzinfo=UTC)
SEEN = {"load": {"content_hash": "abc", "loaded_at": "2026-11-21T20:00:00Z"}}


def context(
    *, tries: int = 1, before: DagRunState | None = DagRunState.SUCCESS, **form: object
) -> Context:
    """The context of a task of a scheduled run."""
    previous = None if before is None else SimpleNamespace(state=before)
    given: Any = {
        "params": form,
        "dag_run": SimpleNamespace(logical_date=NOW),
        "ti": SimpleNamespace(try_number=tries, get_previous_dagrun=lambda: previous),
    }
    return given  # type: ignore[no-any-return]


def remembered(*extras: dict[str, Any]) -> Context:
    """The context of a task whose source's asset has these events, the newest first."""
    events = SimpleNamespace(
        ascending=lambda _: SimpleNamespace(
            limit=lambda count: [SimpleNamespace(extra=extra) for extra in extras[:count]]
        )
    )
    given: Any = {"inlet_events": {SOURCE_ASSETS["usace"]: events}}
    return given  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("reason", "asked"),
    [
        ("A full load was asked for", context(force_full_load=True)),
        ("A drop in rows was accepted", context(accept_drop="Two parcels were withdrawn")),
        ("The task was cleared or tried again", context(tries=2)),
        ("The run before did not succeed", context(before=DagRunState.FAILED)),
        ("The run before did not succeed", context(before=DagRunState.RUNNING)),
    ],
)
def test_a_source_runs_for(reason: str, asked: Context) -> None:
    assert reason_to_run(asked, SEEN) == reason


def test_a_source_runs_where_nothing_is_remembered() -> None:
    assert reason_to_run(context(), {}) == "No load of this code has gone all the way"


@pytest.mark.parametrize("before", [DagRunState.SUCCESS, None])
def test_otherwise_the_source_decides(before: DagRunState | None) -> None:
    assert reason_to_run(context(before=before), SEEN) is None


def test_the_newest_memory_counts_and_only_that_of_the_code_that_runs() -> None:
    ours, others = deployed_code(), "0" * 16
    assert last_seen(remembered({"code": ours, "seen": SEEN}, {}), "usace") == SEEN
    assert last_seen(remembered({"code": others, "seen": SEEN}), "usace") == {}
    assert last_seen(remembered({"code": ours}, {"code": ours, "seen": SEEN}), "usace") == {}
    assert last_seen(remembered(), "usace") == {}


@pytest.mark.parametrize(
    ("hours", "loads"), [((1, 2), False), ((19.9, 1), False), ((1, 20), True), ((), True)]
)
def test_the_oldest_load_decides_whether_it_is_time_for_another(
    hours: tuple[float, ...], loads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_detection, "utc_now", lambda: NOW)
    times = [(NOW - timedelta(hours=each)).isoformat() for each in hours]
    seen = {f"load_{at}": {"loaded_at": at} for at in times}

    assert (reason_of_age(seen) is not None) is loads


def test_a_daily_metric_of_an_unchanged_source_is_never_a_day_old() -> None:
    several_tries = timedelta(hours=3)
    assert RELOAD_AFTER + several_tries < timedelta(days=1) < OLDEST["daily"]
