"""Holds: after a restore, nothing is published until a person releases the hold."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store, Stored
from include.times import california_time

HOLD = Place(VERSIONS_CONTAINER, "hold")
# A restore takes seconds, its retries some minutes.
RESTORE_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True)
class Hold:
    """A stop of automatic publishing.

    Attributes:
        version: The version that stays public.
        by: The person who set the hold.
        reason: That person's reason.
        since: When it was set, in UTC.
        run: The run of `restore_metrics` that set it.
        done: Whether that run has served the version.
        released_at: When the hold was released, in UTC; `None` while it stops publishing.
    """

    version: str
    by: str
    reason: str
    since: datetime
    run: str
    done: bool = False
    released_at: datetime | None = None

    @property
    def is_released(self) -> bool:
        """True if it stops publishing no more."""
        return self.released_at is not None

    def __str__(self) -> str:
        return f"{self.by} holds {self.version} since {california_time(self.since)}: {self.reason}"


_HOLD = TypeAdapter(Hold)


def set_hold(store: Store, hold: Hold) -> None:
    """Hold automatic publishing; a later hold replaces an earlier one."""
    store.write(HOLD, _HOLD.dump_json(hold))


def current_hold(store: Store) -> Hold | None:
    """The hold; `None` if publishing is not held."""
    last = last_hold(store)
    return None if last is None or last.is_released else last


def last_hold(store: Store) -> Hold | None:
    """The newest hold, released or not; `None` if nobody ever held publishing."""
    found = store.read(HOLD)
    return _HOLD.validate_json(found.content) if found else None


def finish_hold(store: Store, hold: Hold) -> None:
    """Note that the version is served."""
    set_hold(store, replace(hold, done=True))


def release_hold(store: Store, hold: Hold, now: datetime) -> None:
    """Let automatic publishing resume."""
    set_hold(store, replace(hold, released_at=now))


def unfinished_restore(hold: Hold | None, served: Stored | None, now: datetime) -> str:
    """A sentence if publishing is held on a version that is not served; empty if all is well.

    Args:
        hold: The hold, if there is one.
        served: The served file.
        now: The current time, in UTC.
    """
    shown = served.metadata.get("version", "an unknown version") if served else "nothing"
    if hold is None or shown == hold.version or now - hold.since < RESTORE_WITHIN:
        return ""
    return (
        f"The restore by {hold.by} did not finish: publishing is held on {hold.version}, but"
        f" {shown} is public. Clear promote of the run {hold.run} of restore_metrics, or release"
        " the hold."
    )
