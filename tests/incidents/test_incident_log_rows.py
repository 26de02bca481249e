"""The incident log's table: its columns, and the row of a saved event, value by value."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from include.history_tables import HistoryTable
from include.incidents.incident import Event, Incident
from include.incidents.incident_log import (
    INCIDENT_LOG,
    save_event,
    unlogged_events,
    write_events,
)
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store
from tests.incidents.samples import TUESDAY, incident

# 5:00:00.25 p.m. on the Tuesday, in a zone seven hours behind.
AT = datetime(2026, 11, 24, 17, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=-7)))
CLOSED = replace(
    incident(),
    id="20261124T220000Z-usace-load-123",
    tasks=("load_a", "load_b"),
    responder="Ana",
    runs=3,
    failed_at=TUESDAY + timedelta(hours=1),
    closed_at=TUESDAY + timedelta(hours=2),
    issue_url="https://github.example/7",
)
ROW = {
    "EVENT_ID": "20261125T000000250000Z-20261124T220000Z-usace-load-123-recovered",
    "EVENT": "recovered",
    "HAPPENED_AT": "2026-11-25 00:00:00.250000",
    "INCIDENT": "20261124T220000Z-usace-load-123",
    "KIND": "load",
    "SEVERITY": "low",
    "WHY": "The last good version is served.",
    "PUBLIC_SEES": "The last good values.",
    "DAG": "usace",
    "TASKS": "load_a, load_b",
    "RUN": "scheduled__2026-11-24T21:27:00+00:00",
    "RUNS": 3,
    "ERROR": "expected 12000 rows, found 11000",
    "AFFECTED_METRICS": "a, b",
    "RESPONDER": "Ana",
    "OPENED_AT": "2026-11-24 22:00:00.000000",
    "CLOSED_AT": "2026-11-25 00:00:00.000000",
    "LOG_URL": "http://airflow.example/dags/usace/runs/1/tasks/load?try_number=3",
    "ISSUE_URL": "https://github.example/7",
}
TYPES = {
    "EVENT_ID": "VARCHAR NOT NULL",
    "EVENT": "VARCHAR NOT NULL",
    "HAPPENED_AT": "TIMESTAMP_NTZ NOT NULL",
    "INCIDENT": "VARCHAR NOT NULL",
    "KIND": "VARCHAR NOT NULL",
    "SEVERITY": "VARCHAR NOT NULL",
    "WHY": "VARCHAR",
    "PUBLIC_SEES": "VARCHAR",
    "DAG": "VARCHAR NOT NULL",
    "TASKS": "VARCHAR",
    "RUN": "VARCHAR",
    "RUNS": "NUMBER(38, 0)",
    "ERROR": "VARCHAR",
    "AFFECTED_METRICS": "VARCHAR",
    "RESPONDER": "VARCHAR",
    "OPENED_AT": "TIMESTAMP_NTZ NOT NULL",
    "CLOSED_AT": "TIMESTAMP_NTZ",
    "LOG_URL": "VARCHAR",
    "ISSUE_URL": "VARCHAR",
}


def no_connection() -> Any:
    """A session that nobody opens."""
    raise AssertionError("the table was to be replaced by a stand-in")


def rows_of(
    store: Store, monkeypatch: pytest.MonkeyPatch, *events: tuple[Event, Incident, datetime]
) -> list[dict[str, object]]:
    """The rows that are written for these events, by column."""
    written: list[tuple[object, ...]] = []

    def write(table: HistoryTable, connect: object, rows: Sequence[tuple[object, ...]]) -> None:
        assert (table, connect) == (INCIDENT_LOG, no_connection)
        written.extend(rows)

    for event, found, at in events:
        save_event(store, event, found, at)
    monkeypatch.setattr(HistoryTable, "merge", write)
    write_events(no_connection, [event for _, event in unlogged_events(store)])
    return [dict(zip(INCIDENT_LOG.columns, row, strict=True)) for row in written]


def test_the_table_has_these_columns_with_the_key_first() -> None:
    found = [(name, kind) for name, (kind, _) in INCIDENT_LOG.columns.items()]

    assert INCIDENT_LOG.name == "INCIDENT_LOG"
    assert found == list(TYPES.items())


def test_the_table_and_each_column_have_a_comment_of_one_line() -> None:
    comments = [comment for _, comment in INCIDENT_LOG.columns.values()]

    for comment in (INCIDENT_LOG.comment, *comments):
        assert comment.endswith(".")
        assert len(comment) > 5
        # It is between apostrophes in the statement.
        assert not set(comment) & {"'", "\n"}
    assert len(set(comments)) == len(TYPES)


def test_an_events_row_has_every_value_in_its_column(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rows_of(store, monkeypatch, (Event.RECOVERED, CLOSED, AT)) == [ROW]


def test_the_row_of_an_open_incident_has_no_time_of_recovery(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    still_open = replace(CLOSED, closed_at=None, issue_url="", affected=(), responder="")

    [row] = rows_of(store, monkeypatch, (Event.OPENED, still_open, AT))

    assert row == ROW | {
        "EVENT_ID": "20261125T000000250000Z-20261124T220000Z-usace-load-123-opened",
        "EVENT": "opened",
        "CLOSED_AT": None,
        "ISSUE_URL": "",
        "AFFECTED_METRICS": "",
        "RESPONDER": "",
    }


def test_the_events_are_written_in_the_order_of_their_times(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(
        store,
        monkeypatch,
        (Event.RECOVERED, CLOSED, AT),
        (Event.OPENED, CLOSED, AT - timedelta(hours=2)),
        (Event.REMINDED, CLOSED, AT - timedelta(hours=1)),
    )
    assert [row["EVENT"] for row in rows] == ["opened", "reminded", "recovered"]


def test_an_event_is_saved_under_its_id_until_it_is_written(store: Store) -> None:
    save_event(store, Event.RECOVERED, CLOSED, AT)

    [(place, event)] = unlogged_events(store)

    assert place == Place(VERSIONS_CONTAINER, f"incidents/events/{ROW['EVENT_ID']}.json")
    assert event == {
        **{name: list(v) if isinstance(v, tuple) else v for name, v in CLOSED.as_dict().items()},
        "event_id": ROW["EVENT_ID"],
        "event": "recovered",
        "at": "2026-11-25T00:00:00.250000+00:00",
    }


def test_an_event_that_was_deleted_meanwhile_is_left_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_event(store, Event.OPENED, CLOSED, AT)
    gone = f"incidents/events/{ROW['EVENT_ID']}.json"
    monkeypatch.setattr(store, "paths", lambda container, folder: (gone,))

    assert list(unlogged_events(store)) == []
