"""Change detection: the reasons to run although a source may not have changed."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Context, DagRunState

from include.pipeline import change_detection
from include.pipeline.change_detection import (
    RELOAD_AFTER,
    Seen,
    code_fingerprint,
    last_seen,
    reason_to_reload,
    reason_to_run,
)
from include.pipeline.defaults import SOURCE_ASSETS
from include.publishing.public_file import OLDEST

NOW = datetime(2026, 11, 22, 8, 27, tzinfo=UTC)
SEEN = {"load": {"content_hash": "abc", "loaded_at": "2026-11-21T20:00:00Z"}}


def context(
    *, tries: int = 1, before: DagRunState | None = DagRunState.SUCCESS, **params: object
) -> Context:
    """The context of a task of a scheduled run."""
    previous = None if before is None else SimpleNamespace(state=before)
    given: Any = {
        "params": params,
        "dag_run": SimpleNamespace(logical_date=NOW, triggering_user_name=None),
        "ti": SimpleNamespace(try_number=tries, get_previous_dagrun=lambda: previous),
    }
    return given  # type: ignore[no-any-return]


def remembered(*extras: dict[str, Any]) -> Context:
    """The context of a task whose source's asset has these events, newest first."""
    events = SimpleNamespace(
        ascending=lambda _: SimpleNamespace(
            limit=lambda count: [SimpleNamespace(extra=extra) for extra in extras[:count]]
        )
    )
    given: Any = {"inlet_events": {SOURCE_ASSETS["usace"]: events}}
    return given  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("reason", "run"),
    [
        ("A full load was requested", context(force_full_load=True)),
        ("A drop in rows was accepted", context(accept_drop="Two parcels were withdrawn")),
        ("The task was cleared or retried", context(tries=2)),
        ("The previous run did not succeed", context(before=DagRunState.FAILED)),
        ("The previous run did not succeed", context(before=DagRunState.RUNNING)),
    ],
)
def test_a_source_runs_for_a_reason_besides_its_state(reason: str, run: Context) -> None:
    assert reason_to_run(run, SEEN) == reason


def test_a_source_runs_if_there_is_no_stored_state() -> None:
    assert reason_to_run(context(), {}) == (
        "There is no complete run of the deployed code to compare with"
    )


@pytest.mark.parametrize("before", [DagRunState.SUCCESS, None])
def test_otherwise_the_source_decides(before: DagRunState | None) -> None:
    assert reason_to_run(context(before=before), SEEN) is None


def test_the_newest_state_counts_if_the_deployed_code_stored_it() -> None:
    deployed, other = code_fingerprint(), "0" * 16
    assert last_seen(remembered({"code": deployed, "seen": SEEN}, {}), "usace") == SEEN
    assert last_seen(remembered({"code": other, "seen": SEEN}), "usace") == {}
    assert (
        last_seen(remembered({"code": deployed}, {"code": deployed, "seen": SEEN}), "usace") == {}
    )
    assert last_seen(remembered(), "usace") == {}


@pytest.mark.parametrize(
    ("hours", "loads"), [((1, 2), False), ((19.9, 1), False), ((1, 20), True), ((), True)]
)
def test_a_source_is_loaded_again_when_its_oldest_load_is_20_hours_old(
    hours: tuple[float, ...], loads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_detection, "utc_now", lambda: NOW)
    times = [(NOW - timedelta(hours=each)).isoformat() for each in hours]
    seen: Seen = {f"load_{at}": {"loaded_at": at} for at in times}

    assert (reason_to_reload(seen) is not None) is loads


def test_a_daily_metric_of_an_unchanged_source_is_never_a_day_old() -> None:
    several_retries = timedelta(hours=3)
    assert RELOAD_AFTER + several_retries < timedelta(days=1) < OLDEST["daily"]
