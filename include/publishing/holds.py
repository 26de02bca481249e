"""Holds: after a restore, nothing is published until a person releases the hold."""

import json
from dataclasses import asdict, dataclass

from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

HOLD = Place(VERSIONS_CONTAINER, "hold")


@dataclass(frozen=True)
class Hold:
    """A stop of automatic publishing.

    Attributes:
        version: The version that stays public.
        by: The person who set the hold.
        reason: That person's reason.
        since: When it was set, ISO 8601 in UTC.
    """

    version: str
    by: str
    reason: str
    since: str

    def __str__(self) -> str:
        return f"{self.by} holds {self.version} since {self.since}: {self.reason}"


def set_hold(store: Store, hold: Hold) -> None:
    """Hold automatic publishing; a later hold replaces an earlier one."""
    store.write(HOLD, json.dumps(asdict(hold)).encode())


def current_hold(store: Store) -> Hold | None:
    """The hold; `None` if publishing is not held."""
    found = store.read(HOLD)
    return Hold(**json.loads(found.content)) if found else None


def release_hold(store: Store) -> None:
    """Release the hold, if there is one."""
    store.delete(HOLD)
