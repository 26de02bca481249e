"""The incident log: one row for each thing that happened to an incident, for retrospectives."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from include import warehouse

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from include.incidents.incident import Incident
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

_COLUMNS = {
    "EVENT_ID": ("VARCHAR NOT NULL", "Identifies the row."),
    "EVENT": ("VARCHAR NOT NULL", "`opened`, `graver`, `reminded` or `recovered`."),
    "HAPPENED_AT": ("TIMESTAMP_NTZ NOT NULL", "When, in UTC."),
    "INCIDENT": ("VARCHAR NOT NULL", "The incident; its rows share it."),
    "KIND": ("VARCHAR NOT NULL", "The kind of alert, as its runbook page is named."),
    "SEVERITY": ("VARCHAR NOT NULL", "`high` or `low`, by what the public saw."),
    "WHY": ("VARCHAR", "Why it has this severity."),
    "PUBLIC_SEES": ("VARCHAR", "What the public saw."),
    "DAG": ("VARCHAR NOT NULL", "The DAG."),
    "TASKS": ("VARCHAR", "The tasks that failed."),
    "RUN": ("VARCHAR", "The run in which it was met last."),
    "RUNS": ("NUMBER(38, 0)", "In how many runs it was met so far."),
    "ERROR": ("VARCHAR", "The error, in one line."),
    "AFFECTED_METRICS": ("VARCHAR", "The metrics that the failed step stands for."),
    "RESPONDER": ("VARCHAR", "Who was to respond."),
    "OPENED_AT": ("TIMESTAMP_NTZ NOT NULL", "When it began, in UTC."),
    "CLOSED_AT": ("TIMESTAMP_NTZ", "When it was over, in UTC; null until then."),
    "LOG_URL": ("VARCHAR", "The log of the task in Airflow."),
    "ISSUE_URL": ("VARCHAR", "The GitHub issue that was created, if one was."),
}


def incident_log() -> str:
    """The table's qualified name."""
    return f"{warehouse.history_schema()}.INCIDENT_LOG"


def record(
    connect: "Callable[[], SnowflakeConnection]", events: Iterable[Mapping[str, Any]]
) -> None:
    """Keep events, as `include.incidents.incident_log` holds them; one that is there is replaced."""
    table, rows = incident_log(), [_row(event) for event in events]
    columns = ", ".join(
        f"{name} {kind} COMMENT '{comment}'" for name, (kind, comment) in _COLUMNS.items()
    )
    marks = ", ".join(["%s"] * len(_COLUMNS))
    with closing(connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {warehouse.history_schema()}")
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {table} ({columns})"
            " COMMENT = 'What happened to incidents.'"
        )
        cursor.execute("BEGIN")
        for row in rows:
            cursor.execute(f"DELETE FROM {table} WHERE EVENT_ID = %s", row[:1])  # noqa: S608
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        cursor.execute("COMMIT")


def _row(event: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        event["event_id"],
        event["event"],
        _utc(event["at"]),
        event["id"],
        event["kind"],
        event["severity"],
        event["why"],
        event["sees"],
        event["dag"],
        ", ".join(event["tasks"]),
        event["run"],
        event["runs"],
        event["error"],
        ", ".join(event["affected"]),
        event["responder"],
        _utc(event["opened_at"]),
        _utc(event["closed_at"]),
        event["log_url"],
        event["issue_url"],
    )


def _utc(moment: str | None) -> str | None:
    if moment is None:
        return None
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


FOLDER = "incidents/events"


def keep_event(store: Store, event: str, incident: Incident, at: datetime) -> None:
    """Keep that an incident was opened, became graver, was reminded of or recovered."""
    moment = at.astimezone(UTC)
    name = f"{moment:%Y%m%dT%H%M%S%f}Z-{incident.id}-{event}"
    content = {**incident.as_dict(), "event_id": name, "event": event, "at": moment.isoformat()}
    store.write(Place(VERSIONS_CONTAINER, f"{FOLDER}/{name}.json"), json.dumps(content).encode())


def kept_events(store: Store) -> Iterator[tuple[Place, dict[str, Any]]]:
    """What was kept and not logged yet, oldest first: each event, and where it is."""
    for path in store.paths(VERSIONS_CONTAINER, FOLDER):
        place = Place(VERSIONS_CONTAINER, path)
        if (stored := store.read(place)) is not None:
            yield place, json.loads(stored.content)
