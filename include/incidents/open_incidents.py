"""The open incidents of each DAG, stored in the storage account so that they survive restarts.

Tasks can fail at the same time. So a file is written only if nobody else changed it since it was
read; otherwise the update is repeated on the new content.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from include.incidents.failure import Failure
from include.incidents.incident import Event, Incident, incident_from_dict, new_incident
from include.incidents.severity import Assessment
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import ChangedMeanwhileError, Place, Store

Result = TypeVar("Result")

FOLDER = "incidents/open"
_TRIES = 12


def record_failure(
    store: Store, failure: Failure, assessment: Assessment
) -> tuple[Event | None, Incident]:
    """Record a failure in the incident of its cause.

    A new cause opens an incident. A known cause is recorded quietly until a reminder is due or its
    severity becomes high.

    Args:
        store: The storage account.
        failure: The failure.
        assessment: The severity of the failure.

    Returns:
        The event to post to Slack, `None` if there is nothing to post; and the incident.

    Raises:
        ChangedMeanwhileError: Other tasks changed the file at every try.
    """

    def update(incidents: list[Incident]) -> tuple[list[Incident], tuple[Event | None, Incident]]:
        before = next((item for item in incidents if item.cause == failure.cause), None)
        if before is None:
            new = new_incident(failure, assessment)
            return [*incidents, new], (Event.OPENED, new)
        after = before.recurred(failure, assessment)
        event: Event | None = None
        if assessment.is_high and not before.is_high:
            event = Event.ESCALATED
        elif before.is_reminder_due(failure.at):
            event = Event.REMINDED
        if event is not None:
            after = replace(after, notified_at=failure.at, reminders=before.reminders + 1)
        return [after if item is before else item for item in incidents], (event, after)

    return _update(store, failure.dag, update)


def record_success(store: Store, dag: str, task: str, now: datetime) -> list[Incident]:
    """Record that a task has succeeded.

    Args:
        store: The storage account.
        dag: The task's DAG.
        task: The task.
        now: The current time, in UTC.

    Returns:
        The incidents that are closed by this success: all their failed tasks have succeeded.

    Raises:
        ChangedMeanwhileError: Other tasks changed the file at every try.
    """

    def update(incidents: list[Incident]) -> tuple[list[Incident], list[Incident]]:
        closed = [replace(i, closed_at=now) for i in incidents if i.tasks == (task,)]
        remaining = [i.after_success_of(task) for i in incidents if i.tasks != (task,)]
        return remaining, closed

    return _update(store, dag, update)


def save_response(store: Store, incident: Incident) -> None:
    """Save the responder and the GitHub issue of an open incident.

    Raises:
        ChangedMeanwhileError: Other tasks changed the file at every try.
    """

    def update(incidents: list[Incident]) -> tuple[list[Incident], None]:
        return [
            replace(item, responder=incident.responder, issue_url=incident.issue_url)
            if item.id == incident.id
            else item
            for item in incidents
        ], None

    _update(store, incident.dag, update)


def open_incidents(store: Store, dag: str) -> list[Incident]:
    """The open incidents of a DAG, oldest first."""
    stored = store.read(_place(dag))
    return _parse(stored.content) if stored else []


def all_open_incidents(store: Store) -> list[Incident]:
    """The open incidents of every DAG, oldest first."""
    dags = (PurePosixPath(path).stem for path in store.paths(VERSIONS_CONTAINER, FOLDER))
    incidents = (incident for dag in dags for incident in open_incidents(store, dag))
    return sorted(incidents, key=lambda incident: incident.id)


def _update(
    store: Store, dag: str, update: Callable[[list[Incident]], tuple[list[Incident], Result]]
) -> Result:
    place = _place(dag)
    for attempt in Retrying(
        retry=retry_if_exception_type(ChangedMeanwhileError),
        stop=stop_after_attempt(_TRIES),
        wait=wait_random(0.05, 0.5),
        reraise=True,
    ):
        with attempt:
            stored = store.read(place)
            before = _parse(stored.content) if stored else []
            after, result = update(before)
            if after != before:
                content = json.dumps([incident.as_dict() for incident in after]).encode()
                store.replace(place, content, replacing=stored.etag if stored else None)
    return result


def _parse(content: bytes) -> list[Incident]:
    return [incident_from_dict(item) for item in json.loads(content)]


def _place(dag: str) -> Place:
    return Place(VERSIONS_CONTAINER, f"{FOLDER}/{dag}.json")
