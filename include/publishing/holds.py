"""A hold: a person has restored a version, and nothing is published until a person releases it."""

import json
from dataclasses import asdict, dataclass

from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

HOLD = Place(VERSIONS_CONTAINER, "hold")


@dataclass(frozen=True)
class Hold:
    """Why automatic publishing stands still.

    Attributes:
        version: The version that is to stay.
        by: Who holds it.
        reason: Why.
        since: When it began, ISO 8601 in UTC.
    """

    version: str
    by: str
    reason: str
    since: str

    def __str__(self) -> str:
        return f"{self.by} holds {self.version} since {self.since}: {self.reason}"


def hold(store: Store, why: Hold) -> None:
    """Hold automatic publishing; a later hold replaces an earlier one."""
    store.write(HOLD, json.dumps(asdict(why)).encode())


def held(store: Store) -> Hold | None:
    """The hold, if there is one."""
    found = store.read(HOLD)
    return Hold(**json.loads(found.content)) if found else None


def release(store: Store) -> None:
    """End the hold, if there is one."""
    store.delete(HOLD)
