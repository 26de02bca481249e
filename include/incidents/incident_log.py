"""The incident log: one row for each event of an incident, for retrospectives.

Callbacks save events in the storage account; `keep_incident_log` writes them to the warehouse.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from include.history_tables import Connect, HistoryTable, timestamp
from include.incidents.incident import Event, Incident
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

FOLDER = "incidents/events"

INCIDENT_LOG = HistoryTable(
    name="INCIDENT_LOG",
    comment="One row for each event of an incident.",
    key=("EVENT_ID",),
    columns={
        "EVENT_ID": ("VARCHAR NOT NULL", "Identifies the row."),
        "EVENT": ("VARCHAR NOT NULL", "`opened`, `escalated`, `reminded` or `recovered`."),
        "HAPPENED_AT": ("TIMESTAMP_NTZ NOT NULL", "The time of the event, in UTC."),
        "INCIDENT": ("VARCHAR NOT NULL", "The incident; its rows share it."),
        "KIND": ("VARCHAR NOT NULL", "The alert type, which is the name of its runbook page."),
        "SEVERITY": ("VARCHAR NOT NULL", "`high` or `low`, by what the public saw."),
        "WHY": ("VARCHAR", "The reason for this severity."),
        "PUBLIC_SEES": ("VARCHAR", "What the public saw."),
        "DAG": ("VARCHAR NOT NULL", "The DAG."),
        "TASKS": ("VARCHAR", "The failed tasks."),
        "RUN": ("VARCHAR", "The last run with this failure."),
        "RUNS": ("NUMBER(38, 0)", "The number of runs with this failure so far."),
        "ERROR": ("VARCHAR", "The error, in one line."),
        "AFFECTED_METRICS": ("VARCHAR", "The public metrics that come from the failed step."),
        "RESPONDER": ("VARCHAR", "The person or group to respond."),
        "OPENED_AT": ("TIMESTAMP_NTZ NOT NULL", "The time of the first failure, in UTC."),
        "CLOSED_AT": ("TIMESTAMP_NTZ", "The time of the recovery, in UTC; null while open."),
        "LOG_URL": ("VARCHAR", "The log of the task in Airflow."),
        "ISSUE_URL": ("VARCHAR", "The GitHub issue that was created; empty without one."),
    },
)


def save_event(store: Store, event: Event, incident: Incident, at: datetime) -> None:
    """Save an event until it is written to the warehouse.

    Args:
        store: The storage account.
        event: The event.
        incident: The incident after the event.
        at: The time of the event, with a time zone.
    """
    moment = at.astimezone(UTC)
    name = f"{moment:%Y%m%dT%H%M%S%f}Z-{incident.id}-{event.value}"
    content = {
        **incident.as_dict(),
        "event_id": name,
        "event": event.value,
        "at": moment.isoformat(),
    }
    store.write(Place(VERSIONS_CONTAINER, f"{FOLDER}/{name}.json"), json.dumps(content).encode())


def unlogged_events(store: Store) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The saved events that are not in the warehouse yet, oldest first, each with its place."""
    for path in store.paths(VERSIONS_CONTAINER, FOLDER):
        place = Place(VERSIONS_CONTAINER, path)
        if (stored := store.read(place)) is not None:
            yield place, json.loads(stored.content)


def write_events(connect: Connect, events: Iterable[Mapping[str, Any]]) -> None:
    """Write events to the warehouse; an event that is already there is replaced.

    Args:
        connect: Opens a session as the role that owns the HISTORY schema.
        events: Events from `unlogged_events`.
    """
    INCIDENT_LOG.merge(connect, [_row(event) for event in events])


def _row(event: Mapping[str, Any]) -> tuple[object, ...]:
    return (
        event["event_id"],
        event["event"],
        _utc(event["at"]),
        event["id"],
        event["kind"],
        event["severity"],
        event["why"],
        event["public_sees"],
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
