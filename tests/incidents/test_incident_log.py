"""The incident log's table, and the row of each event, value by value and in the warehouse."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from include.history_tables import HistoryTable
from include.incidents.incident import Event, Rating
from include.incidents.incident_file import Entry
from include.incidents.incident_log import INCIDENT_LOG, write_entries
from include.incidents.severity import Assessment, Impact
from local import provision
from local.cloud import Cloud
from tests.incidents.samples import LOG, RUN, TOO_FEW, TUESDAY, incident

# 5:00:00.25 p.m. on the Tuesday, in a zone seven hours behind.
AT = datetime(2026, 11, 24, 17, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=-7)))
ASSESSMENT = Assessment(Impact.NONE, "The last good version is public.", "Good values.", ("a", "b"))
PROBLEM = replace(incident().latest, assessment=ASSESSMENT)
CLOSED = replace(
    incident(),
    id="20261124T220000Z-load-123",
    problems=(PROBLEM,),
    latest=PROBLEM,
    responder="Ana",
    failures=3,
    closed_at=TUESDAY + timedelta(hours=2),
    issue_url="https://github.example/7",
)
ROW = {
    "EVENT_ID": "1",
    "EVENT": "recovered",
    "HAPPENED_AT": "2026-11-25 00:00:00.250000",
    "INCIDENT": "20261124T220000Z-load-123",
    "KIND": "load",
    "SEVERITY": "low",
    "WHY": "The last good version is public.",
    "PUBLIC_SEES": "Good values.",
    "DAG": "usace",
    "TASKS": "usace.load",
    "RUN": RUN,
    "RUNS": 3,
    "ERROR": TOO_FEW,
    "AFFECTED_METRICS": "a, b",
    "RESPONDER": "Ana",
    "OPENED_AT": "2026-11-24 22:00:00.000000",
    "CLOSED_AT": "2026-11-25 00:00:00.000000",
    "LOG_URL": LOG,
    "ISSUE_URL": "https://github.example/7",
}


def rows_of(monkeypatch: pytest.MonkeyPatch, *entries: Entry) -> list[dict[str, object]]:
    """The rows that are written for these events, by column."""
    written: list[tuple[object, ...]] = []

    def write(table: HistoryTable, connect: Any, rows: Sequence[tuple[object, ...]]) -> None:
        assert table is INCIDENT_LOG
        written.extend(rows)

    monkeypatch.setattr(HistoryTable, "merge", write)
    write_entries(lambda: pytest.fail("opened"), entries)
    return [dict(zip(INCIDENT_LOG.columns, row, strict=True)) for row in written]


def test_several_tasks_dags_and_metrics_are_separated(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(PROBLEM, key="epa.load", dag="epa")
    both = replace(CLOSED, problems=(PROBLEM, other))
    [row] = rows_of(monkeypatch, Entry(AT, Event.RECOVERED, both, "1"))
    assert (row["TASKS"], row["DAG"]) == ("usace.load, epa.load", "usace, epa")


def test_the_table_and_each_column_have_a_comment_of_one_line() -> None:
    comments = [comment for _, comment in INCIDENT_LOG.columns.values()]

    assert list(INCIDENT_LOG.columns) == list(ROW)
    for comment in (INCIDENT_LOG.comment, *comments):
        assert comment.endswith(".")
        assert len(comment) > 5
        # It is between apostrophes in the statement.
        assert not set(comment) & {"'", "\n"}
    assert len(set(comments)) == len(ROW)


def test_an_events_row_has_every_value_in_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    assert rows_of(monkeypatch, Entry(AT, Event.RECOVERED, CLOSED, "1")) == [ROW]


def test_the_row_of_an_open_incident_has_no_time_of_recovery(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    still_open = replace(CLOSED, closed_at=None, issue_url="", responder="")

    [row] = rows_of(monkeypatch, Entry(AT, Event.OPENED, still_open, "1"))

    changes = {"EVENT": "opened", "CLOSED_AT": None, "ISSUE_URL": "", "RESPONDER": ""}
    assert row == ROW | changes


def test_the_row_of_a_rated_incident_has_the_persons_severity_and_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rated = replace(CLOSED, rating=Rating("high", "ana", "The county counts twice.", AT))

    [row] = rows_of(monkeypatch, Entry(AT, Event.RATED, rated, "1"))

    assert (row["SEVERITY"], row["WHY"]) == ("high", "The county counts twice.")


def test_each_event_is_one_row_of_the_warehouse_even_if_written_twice(cloud: Cloud) -> None:
    hostile = replace(CLOSED, latest=replace(PROBLEM, error="it's '; DROP TABLE x; --"))
    entries = [
        Entry(TUESDAY, Event.OPENED, replace(hostile, closed_at=None), "1"),
        Entry(TUESDAY + timedelta(hours=2), Event.RECOVERED, hostile, "2"),
    ]
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {INCIDENT_LOG.full_name}")
    write_entries(lambda: provision.connect(cloud), entries[:1])
    write_entries(lambda: provision.connect(cloud), entries)

    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        found = cursor.execute(
            "SELECT EVENT, SEVERITY, RESPONDER, ERROR, CLOSED_AT IS NULL"
            f" FROM {INCIDENT_LOG.full_name} ORDER BY HAPPENED_AT"
        ).fetchall()
    rest = ("low", "Ana", "it's '; DROP TABLE x; --")
    assert [tuple(row) for row in found] == [("opened", *rest, True), ("recovered", *rest, False)]
