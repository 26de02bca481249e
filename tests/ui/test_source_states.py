"""The state of a source and the open questions, from the rows that Airflow writes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from airflow.utils.session import create_session
from sqlalchemy.orm import Session

from include.sources import SOURCES
from include.ui.airflow_state import (
    Load,
    Question,
    SourceState,
    read_open_questions,
    read_source_state,
    read_source_states,
)
from tests.ui.airflow_rows import (
    MINUTE,
    NOON,
    add_dag,
    add_log_entry,
    add_question,
    add_report,
    add_run,
    add_task,
    clear,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def session(airflow_database: None) -> Iterator[Session]:
    """A session in which nothing is known yet; its rows are never committed."""
    with create_session() as opened:
        clear(opened)
        yield opened
        opened.rollback()


def report(rows: int, loaded_at: str = "2026-11-24T12:00:00Z", **values: Any) -> dict[str, Any]:
    """What a load returns."""
    return {"rows": rows, "loaded_at": loaded_at, "source_edited_at": None, "notes": [], **values}


def test_a_source_whose_dag_airflow_does_not_know_has_no_values(session: Session) -> None:
    add_run(session, "epa", "r1", NOON)
    assert read_source_state(session, "epa") == SourceState("epa")
    assert SourceState("epa") == SourceState("epa", "", None, None, None, False, None, None, None)
    assert SourceState("epa").freshness == ""


def test_every_source_has_its_state_in_the_order_of_the_sources(session: Session) -> None:
    add_dag(session, "usace", is_paused=False, next_dagrun_create_after=NOON)
    states = read_source_states(session)
    assert [state.source for state in states] == list(SOURCES)
    assert [state.source for state in states if state.next_run] == ["usace"]


def test_a_running_source_shows_its_last_complete_run(session: Session) -> None:
    add_dag(session, "epa", is_paused=False, next_dagrun_create_after=NOON + HOUR)
    add_run(session, "epa", "r4", NOON, "running", end_date=None)
    add_run(session, "epa", "r1", NOON - 4 * HOUR)
    add_run(session, "epa", "r2", NOON - 2 * HOUR, end_date=NOON - 2 * HOUR + 5 * MINUTE)
    add_run(session, "epa", "r3", NOON - HOUR, "failed")
    add_run(session, "usace", "r5", NOON + HOUR, "failed")

    assert read_source_state(session, "epa") == SourceState(
        "epa",
        state="running",
        ended_at=NOON - 2 * HOUR + 5 * MINUTE,
        duration=5 * MINUTE,
        next_run=NOON + HOUR,
    )


@pytest.mark.parametrize("missing", ["start_date", "end_date"])
def test_a_run_without_both_times_has_no_duration(session: Session, missing: str) -> None:
    add_dag(session, "epa", is_paused=False)
    cleared: dict[str, Any] = {missing: None}
    add_run(session, "epa", "r1", NOON, **cleared)
    state = read_source_state(session, "epa")
    assert state.duration is None
    assert state.ended_at == (None if missing == "end_date" else NOON + MINUTE)


@pytest.mark.parametrize("event", ["patch_dag", "patch_dags", "paused"])
def test_a_paused_source_has_no_next_run_but_the_time_of_the_last_pause(
    session: Session, event: str
) -> None:
    add_dag(session, "epa", is_paused=True, next_dagrun_create_after=NOON + HOUR)
    add_log_entry(session, "epa", event, NOON - HOUR)
    add_log_entry(session, "epa", event, NOON)
    add_log_entry(session, "epa", event, NOON - 2 * HOUR)
    add_log_entry(session, "epa", "trigger_dag_run", NOON + HOUR)
    add_log_entry(session, "usace", event, NOON + 2 * HOUR)
    assert read_source_state(session, "epa") == SourceState("epa", is_paused=True, paused_at=NOON)


@pytest.mark.parametrize(
    ("extra", "at", "by"),
    [
        ('{"is_paused": false}', NOON, "ada"),
        ('{"is_paused": true}', NOON + HOUR, "ben"),
        ('{"is_paused": "False"}', NOON, "ada"),
        ("not JSON", NOON + HOUR, "ben"),
        ("[]", NOON + HOUR, "ben"),
        (None, NOON + HOUR, "ben"),
    ],
)
def test_the_last_entry_that_pauses_says_when_and_by_whom(
    session: Session, extra: str | None, at: Any, by: str
) -> None:
    add_dag(session, "epa", is_paused=True)
    add_log_entry(session, "epa", "patch_dag", NOON, by="ada", extra='{"is_paused": true}')
    add_log_entry(session, "epa", "patch_dag", NOON + HOUR, by="ben", extra=extra)
    state = read_source_state(session, "epa")
    assert (state.paused_at, state.paused_by) == (at, by)


def test_the_failures_are_those_of_the_newest_failed_run_since_the_last_complete_one(
    session: Session,
) -> None:
    for dag in ("epa", "usace"):
        add_dag(session, dag)
    for run, hour, state, tasks in (
        ("r0", -3, "failed", ["unload"]),
        ("good", -2, "success", []),
        ("r1", -1, "failed", ["load"]),
        ("r2", 0, "failed", ["release", "transform.x"]),
        ("r3", 1, "running", []),
    ):
        added = add_run(session, "epa", run, NOON + hour * HOUR, state)
        for task in tasks:
            add_task(session, added, task, "failed", NOON + hour * HOUR + MINUTE)
        add_task(session, added, "other", "upstream_failed")
    add_task(session, add_run(session, "usace", "r1", NOON), "load", "failed")

    found = read_source_state(session, "epa")

    assert [(one.run, one.task, one.at) for one in found.failures] == [
        ("r2", "release", NOON + MINUTE),
        ("r2", "transform.x", NOON + MINUTE),
    ]
    assert found.failing_since == NOON - HOUR + MINUTE
    assert found.failures[1].path == "/dags/epa/runs/r2/tasks/transform.x"


def test_a_source_that_never_completed_fails_since_its_first_failure(session: Session) -> None:
    add_dag(session, "epa")
    add_task(session, add_run(session, "epa", "r1", NOON, "failed"), "load", "failed", None)
    found = read_source_state(session, "epa")
    assert len(found.failures) == 1
    assert found.failing_since == NOON


def test_a_source_that_runs_has_no_time_of_a_pause(session: Session) -> None:
    add_dag(session, "epa", is_paused=False)
    add_log_entry(session, "epa", "paused", NOON)
    assert read_source_state(session, "epa") == SourceState("epa")


def test_the_last_load_is_that_of_every_table_of_the_last_run(session: Session) -> None:
    add_dag(session, "malibu", is_paused=False)
    before = add_run(session, "malibu", "before", NOON - HOUR, "failed")
    last = add_run(session, "malibu", "last", NOON, "failed")
    add_report(session, before, "load_b", NOON - HOUR, report(90))
    add_report(
        session, last, "load_a", NOON + MINUTE, report(7, "2026-11-24T12:01:00Z", notes=["new"])
    )
    add_report(
        session,
        last,
        "load_b",
        NOON + 2 * MINUTE,
        report(
            100,
            "2026-11-24T12:00:30Z",
            source_edited_at="2026-11-23T00:00:00Z",
            notes=["renamed", "empty"],
        ),
    )

    state = read_source_state(session, "malibu")

    assert state.load == Load(
        rows=107,
        loaded_at="2026-11-24T12:01:00Z",
        edited_at="2026-11-23T00:00:00Z",
        notes=("renamed", "empty", "new"),
    )
    assert (state.rows_before, state.change) == (90, 17)


def test_only_what_a_load_of_the_source_returned_is_a_load(session: Session) -> None:
    for dag in ("epa", "usace"):
        add_dag(session, dag, is_paused=False)
    own, other = add_run(session, "epa", "r1", NOON), add_run(session, "usace", "r2", NOON)
    add_report(session, own, "load", NOON, report(5))
    add_report(session, own, "load_more", NOON + HOUR, report(1000), key="skipmixin_key")
    add_report(session, own, "unload", NOON + HOUR, report(100))
    add_report(session, other, "load", NOON + HOUR, report(10))

    state = read_source_state(session, "epa")

    assert state.load == Load(5, "2026-11-24T12:00:00Z", "", ())
    assert (state.rows_before, state.change) == (None, None)


def test_two_runs_of_the_source_with_the_most_loads_are_read(session: Session) -> None:
    add_dag(session, "malibu", is_paused=False)
    for age, rows in enumerate((1, 2, 3)):
        run = add_run(session, "malibu", f"r{age}", NOON - age * HOUR)
        for part in range(10):
            add_report(session, run, f"load_{part}", NOON - age * HOUR, report(rows))
    state = read_source_state(session, "malibu")
    assert (state.change, state.rows_before) == (-10, 20)
    assert max(len(source.parts) for source in SOURCES.values()) <= 10


@pytest.mark.parametrize(
    ("load", "before", "change"),
    [(None, 5, None), (5, None, None), (5, 3, 2), (3, 5, -2), (0, 0, 0)],
)
def test_a_change_needs_two_loads(load: int | None, before: int | None, change: int | None) -> None:
    loaded = None if load is None else Load(load, "", "", ())
    assert SourceState("epa", load=loaded, rows_before=before).change == change


def test_fivetran_loads_some_sources() -> None:
    synced = [source for source in SOURCES if SourceState(source).is_synced]
    assert synced == ["airtable", "page_feedback"]


def test_the_last_check_that_ended_says_whether_the_tables_are_fresh(session: Session) -> None:
    for dag in ("check_freshness", "epa", "usace", "malibu", "pasadena"):
        add_dag(session, dag, is_paused=False)
    for hour, epa, usace in ((0, "failed", "success"), (1, "success", "failed")):
        run = add_run(session, "check_freshness", f"r{hour}", NOON)
        add_task(session, run, "epa", epa, NOON + hour * HOUR)
        add_task(session, run, "usace", usace, NOON - hour * HOUR)
        add_task(session, run, "malibu", "upstream_failed")
    run = add_run(session, "check_freshness", "now", NOON + HOUR)
    add_task(session, run, "epa", "running", NOON + 2 * HOUR)
    add_task(session, add_run(session, "pasadena", "r1", NOON), "pasadena", "failed")
    found = {
        source: read_source_state(session, source).freshness
        for source in ("epa", "usace", "malibu", "pasadena")
    }
    assert found == {"epa": "success", "usace": "success", "malibu": "", "pasadena": ""}


def test_questions_that_wait_for_a_person_are_listed_oldest_first(session: Session) -> None:
    add_dag(session, "publish_metrics")
    new, old, answered, over = (
        add_task(session, add_run(session, "publish_metrics", run, NOON), "ask", state)
        for run, state in (
            ("r1", "awaiting_input"),
            ("r2", "deferred"),
            ("r3", "deferred"),
            ("r4", "failed"),
        )
    )
    add_question(session, new, "Publish v2?", NOON)
    add_question(session, answered, "Publish v0?", NOON, answered=NOON)
    add_question(session, over, "Publish v00?", NOON)
    add_question(session, old, "Publish v1?", NOON - HOUR)

    questions = read_open_questions(session)

    assert questions == [
        Question("publish_metrics", "r2", "ask", "Publish v1?", NOON - HOUR),
        Question("publish_metrics", "r1", "ask", "Publish v2?", NOON),
    ]
    assert questions[0].path == "/dags/publish_metrics/runs/r2/tasks/ask/required_actions"
