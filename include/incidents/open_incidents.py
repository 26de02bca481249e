"""The open incidents of each DAG, in the storage account, so that they survive any restart.

Tasks fail side by side: every change is written only if nobody else changed the file since it was
read, and made again on what they wrote otherwise.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import Enum
from pathlib import PurePosixPath as Path
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from include.incidents.failure import Failure
from include.incidents.incident import Incident, from_dict, opened
from include.incidents.severity import Judgement
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import ChangedMeanwhileError, Place, Store

Result = TypeVar("Result")

FOLDER = "incidents/open"
_TRIES = 12


class Step(Enum):
    """What is to be said of a failure."""

    OPENED = "opened"
    REMINDED = "reminded"
    GRAVER = "graver"
    QUIET = "quiet"


def note_failure(store: Store, failure: Failure, judgement: Judgement) -> tuple[Step, Incident]:
    """Note a failure with the incident that it belongs to.

    A cause that is not known opens an incident. A known one is quiet until its next reminder is
    due, unless the public sees something wrong by now.
    """

    def change(known: list[Incident]) -> tuple[list[Incident], tuple[Step, Incident]]:
        same = next((one for one in known if one.cause == failure.cause), None)
        if same is None:
            new = opened(failure, judgement)
            return [*known, new], (Step.OPENED, new)
        after, step = same.again(failure, judgement), Step.QUIET
        if judgement.high and not same.high:
            step = Step.GRAVER
        elif same.is_due(failure.at):
            step = Step.REMINDED
        if step is not Step.QUIET:
            after = replace(after, told_at=failure.at, reminders=same.reminders + 1)
        return [after if one is same else one for one in known], (step, after)

    return _change(store, failure.dag, change)


def note_success(store: Store, dag: str, task: str, now: datetime) -> list[Incident]:
    """Note that a task has succeeded.

    Returns:
        The incidents that are over by it: none of their tasks is left.
    """
    if not any(task in one.tasks for one in open_incidents(store, dag)):
        return []

    def change(known: list[Incident]) -> tuple[list[Incident], list[Incident]]:
        after = [one.without(task) for one in known]
        over = [replace(one, tasks=was.tasks, closed_at=now)
                for one, was in zip(after, known, strict=True) if not one.tasks]  # fmt: skip
        return [one for one in after if one.tasks], over

    return _change(store, dag, change)


def note(store: Store, told: Incident) -> None:
    """Remember who responds to an incident that was told of, and its issue."""

    def change(known: list[Incident]) -> tuple[list[Incident], None]:
        return [
            replace(one, responder=told.responder, issue_url=told.issue_url)
            if one.id == told.id
            else one
            for one in known
        ], None

    _change(store, told.dag, change)


def open_incidents(store: Store, dag: str) -> list[Incident]:
    """The open incidents of a DAG, oldest first."""
    stored = store.read(_place(dag))
    return [from_dict(each) for each in json.loads(stored.content)] if stored else []


def all_open_incidents(store: Store) -> list[Incident]:
    """The open incidents of every DAG, oldest first."""
    dags = (Path(path).stem for path in store.paths(VERSIONS_CONTAINER, FOLDER))
    found = (incident for dag in dags for incident in open_incidents(store, dag))
    return sorted(found, key=lambda one: one.id)


def _change(
    store: Store, dag: str, change: Callable[[list[Incident]], tuple[list[Incident], Result]]
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
            known = [from_dict(each) for each in json.loads(stored.content)] if stored else []
            after, result = change(known)
            if after != known:
                content = json.dumps([one.as_dict() for one in after]).encode()
                store.replace(place, content, replacing=stored.etag if stored else None)
    return result


def _place(dag: str) -> Place:
    return Place(VERSIONS_CONTAINER, f"{FOLDER}/{dag}.json")
