"""The incident log: one row for each thing that happened to an incident, for retrospectives."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from include.history_tables import Connect, HistoryTable, timestamp
from include.incidents.incident import Incident
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

FOLDER = "incidents/events"

INCIDENT_LOG = HistoryTable(
    name="INCIDENT_LOG",
    comment="What happened to incidents.",
    columns={
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
    },
)


def record(connect: Connect, events: Iterable[Mapping[str, Any]]) -> None:
    """Write events to the incident log; an event that is already there is replaced.

    Args:
        connect: Opens a session as the role that owns the HISTORY schema.
        events: Events as `kept_events` reads them.
    """
    INCIDENT_LOG.replace(connect, [_row(event) for event in events])


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
    return None if moment is None else timestamp(datetime.fromisoformat(moment))


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
