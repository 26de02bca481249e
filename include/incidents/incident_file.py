"""The file of incidents in the storage account: what is open, to be posted and to be logged.

Callbacks and the watch write it at the same time. So it is written only if nobody else changed it
since it was read; otherwise the change is repeated on the new content.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from include.incidents.decide import Decision
from include.incidents.incident import Event, Incident
from include.incidents.severity import LastCheck
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import ChangedMeanwhileError, Place, Store, Stored

FILE = Place(VERSIONS_CONTAINER, "incidents/incidents.json")
_TRIES = 40

log = logging.getLogger(__name__)


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Post:
    """A message that Slack has not accepted yet: an event of incidents, or another message.

    Attributes:
        at: When it was decided, in UTC.
        incidents: The incidents after the event.
        calls: Whether it mentions the person who responds.
        message: The message as the webhook takes it; empty for an event.
    """

    at: datetime
    event: Event | None = None
    incidents: tuple[Incident, ...] = ()
    calls: bool = True
    message: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=_new_id)


@dataclass(frozen=True)
class Entry:
    """An event that is not in the warehouse's incident log yet."""

    at: datetime
    event: Event
    incident: Incident
    id: str = field(default_factory=_new_id)


@dataclass(frozen=True)
class State:
    """The file's content.

    Attributes:
        incidents: The open incidents, and those that were closed lately.
        last_check: What the watch has last seen of the public file; `None` before the first time.
        posts: The messages to post, oldest first.
        entries: The events to log, oldest first.
    """

    incidents: tuple[Incident, ...] = ()
    last_check: LastCheck | None = None
    posts: tuple[Post, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def open(self) -> tuple[Incident, ...]:
        """The open incidents, oldest first."""
        return tuple(sorted((one for one in self.incidents if one.is_open), key=lambda one: one.id))

    def after(self, decision: Decision, now: datetime) -> "State":
        """The state after a decision, with its posts and log entries."""
        posts = tuple(Post(now, *notice) for notice in decision.notices)
        entries = tuple(
            Entry(now, event, incident)
            for event, incidents, _ in (*decision.notices, *decision.quiet)
            for incident in incidents
        )
        return replace(
            self,
            incidents=decision.incidents,
            posts=self.posts + posts,
            entries=self.entries + entries,
        )

    def without_posts(self, posted: Iterable[Post]) -> "State":
        """The state after Slack has accepted posts; their incidents keep responder and issue."""
        done = {post.id: post for post in posted}
        answered = {one.id: one for post in done.values() for one in post.incidents}
        incidents = tuple(_answered(one, answered) for one in self.incidents)
        left = tuple(post for post in self.posts if post.id not in done)
        # The log is written later, with the same responder and issue.
        entries = tuple(
            replace(one, incident=_answered(one.incident, answered)) for one in self.entries
        )
        return replace(self, incidents=incidents, posts=left, entries=entries)

    def without_entries(self, logged: Iterable[Entry]) -> "State":
        """The state after events were written to the warehouse."""
        done = {entry.id for entry in logged}
        return replace(self, entries=tuple(one for one in self.entries if one.id not in done))


def _answered(incident: Incident, answered: Mapping[str, Incident]) -> Incident:
    known = answered.get(incident.id, incident)
    issue = known.issue_url or incident.issue_url
    return replace(incident, responder=known.responder, issue_url=issue)


_STATE = TypeAdapter(State)


def _parse(stored: Stored | None) -> State:
    try:
        return _STATE.validate_json(stored.content) if stored else State()
    except ValidationError:
        # For example of another version of this code. The watch finds again what is wrong.
        log.exception("The file of incidents cannot be read, so it starts again empty")
        return State()


def read_state(store: Store) -> State:
    """Read the file; an empty state if there is none."""
    return _parse(store.read(FILE))


def change_state(store: Store, change: Callable[[State], State]) -> tuple[State, State]:
    """Change the file; `change` is called again if somebody else changed it meanwhile.

    Returns:
        The states before and after.

    Raises:
        ChangedMeanwhileError: Others changed the file at every try.
    """
    for attempt in Retrying(
        retry=retry_if_exception_type(ChangedMeanwhileError),
        stop=stop_after_attempt(_TRIES),
        wait=wait_random(0.01, 0.2),
        reraise=True,
    ):
        with attempt:
            stored = store.read(FILE)
            before = _parse(stored)
            after = change(before)
            if after != before:
                etag = stored.etag if stored else None
                store.replace(FILE, _STATE.dump_json(after), replacing=etag)
    return before, after
