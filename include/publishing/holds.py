"""Holds: nothing is published until a person releases the hold.

A restore sets one. Beside an earlier system publishing is held from the start, without anybody's
action, until the page is switched to this pipeline's file.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from include.publishing.earlier import earlier_url, shown_address
from include.publishing.names import PROMOTIONS, VERSIONS_CONTAINER
from include.publishing.store import Place, Store, Stored
from include.times import california_time

HOLD = Place(VERSIONS_CONTAINER, "hold")
# A restore takes seconds, its retries some minutes.
RESTORE_WITHIN = timedelta(minutes=10)
# Nobody has set the hold that lasts until the switch.
FROM_THE_START = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Hold:
    """A stop of automatic publishing.

    Attributes:
        version: The version that stays public; empty if nothing was published yet.
        by: The person who set the hold; empty if it lasts from the start.
        reason: That person's reason.
        since: When it was set, in UTC.
        run: The run of `restore_metrics` that set it.
        released_at: When the hold was released, in UTC; `None` while it stops publishing.
        is_until_switch: Whether the page reads an earlier system's file meanwhile.
    """

    version: str
    by: str
    reason: str
    since: datetime
    run: str
    released_at: datetime | None = None
    is_until_switch: bool = False

    @property
    def is_released(self) -> bool:
        """True if it stops publishing no more."""
        return self.released_at is not None

    def __str__(self) -> str:
        if not self.by:
            return f"Held until the switch: {self.reason}"
        since = f"since {california_time(self.since)}: {self.reason}"
        if self.is_until_switch:
            return f"Held until the switch by {self.by} {since}"
        return f"{self.by} holds {self.version} {since}"


_HOLD = TypeAdapter(Hold)


def set_hold(store: Store, hold: Hold) -> None:
    """Hold automatic publishing; a later hold replaces an earlier one."""
    store.write(HOLD, _HOLD.dump_json(hold))


def current_hold(store: Store) -> Hold | None:
    """The hold; `None` if publishing is not held."""
    last = last_hold(store)
    return None if last is None or last.is_released else last


def last_hold(store: Store) -> Hold | None:
    """The newest hold, released or not; `None` if publishing was never held.

    Beside an earlier system publishing is held from the start. Nobody has to remember to set that
    hold, and nothing has to be stored for it: it follows from the setting and from the promotions.
    """
    found = store.read(HOLD)
    if found:
        return _HOLD.validate_json(found.content)
    url = earlier_url()
    if not url or store.paths(VERSIONS_CONTAINER, PROMOTIONS.rstrip("/")):
        return None
    reason = f"the page still reads {shown_address(url)}"
    return Hold("", "", reason, FROM_THE_START, "", is_until_switch=True)


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
    if hold is None or hold.version in {"", shown} or now - hold.since < RESTORE_WITHIN:
        return ""
    return (
        f"The restore by {hold.by} did not finish: publishing is held on {hold.version}, but"
        f" {shown} is public. Clear promote of the run {hold.run} of restore_metrics, or release"
        " the hold."
    )
