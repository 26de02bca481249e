"""What the watch from outside has posted already, and the decision what to post now.

A finding is posted once, again at each opening while it lasts, and once when it is over. One that
comes back within six hours is the same finding: a high one is posted again, a low one is not, and
that it is over is posted when it has been gone for six hours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from include.incidents.business_hours import last_reminder
from include.publishing.public_file import Fault

SAME_WITHIN = timedelta(hours=6)


class Event(StrEnum):
    """A reason for a message, in the order in which they are posted."""

    OPENED = "opened"
    RETURNED = "wrong again"
    REMINDED = "still open"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Finding:
    """A fault that was posted.

    Attributes:
        key: The fault's identity.
        text: One sentence.
        is_high: Whether the public sees something wrong, or nothing.
        since: When it was first seen, in UTC.
        posted_at: When it was posted last, in UTC.
        gone_at: When it was first seen gone, in UTC; `None` while it lasts.
        returns: How often it came back.
    """

    key: str
    text: str
    is_high: bool
    since: AwareDatetime
    posted_at: AwareDatetime
    gone_at: AwareDatetime | None = None
    returns: int = 0


class Change(NamedTuple):
    """A finding's change: what to post, and what to remember."""

    finding: Finding
    event: Event | None = None
    is_forgotten: bool = False


_FILE = TypeAdapter(tuple[Finding, ...])


def read_memory(file: Path) -> dict[str, Finding]:
    """The findings by key; none if the file is missing or unreadable."""
    try:
        return {one.key: one for one in _FILE.validate_json(file.read_bytes())}
    except (OSError, ValidationError):
        return {}


def write_memory(file: Path, memory: Mapping[str, Finding]) -> None:
    """Write the findings; the folder is made if it is missing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_FILE.dump_json(tuple(memory.values())))


def remember(memory: Mapping[str, Finding], changes: Iterable[Change]) -> dict[str, Finding]:
    """The memory after changes."""
    after = dict(memory)
    for change in changes:
        after[change.finding.key] = change.finding
        if change.is_forgotten:
            del after[change.finding.key]
    return after


def decide(
    memory: Mapping[str, Finding], faults: Iterable[Fault], now: datetime
) -> tuple[Change, ...]:
    """What changes for each finding.

    Args:
        memory: The known findings by key.
        faults: What is wrong now.
        now: The current time, in UTC.
    """
    present = {fault.key: fault for fault in faults}
    gone = tuple(_gone(known, now) for key, known in memory.items() if key not in present)
    return (*(_seen(memory.get(key), fault, now) for key, fault in present.items()), *gone)


def _seen(known: Finding | None, fault: Fault, now: datetime) -> Change:
    if known is None or (known.gone_at and now - known.gone_at >= SAME_WITHIN):
        return Change(Finding(fault.key, fault.text, fault.is_wrong, now, now), Event.OPENED)
    lasting = replace(known, text=fault.text, is_high=fault.is_wrong, gone_at=None)
    if known.gone_at is not None:
        lasting = replace(lasting, returns=known.returns + 1)
        if not fault.is_wrong:
            return Change(lasting)
        return Change(replace(lasting, posted_at=now), Event.RETURNED)
    if known.posted_at < last_reminder(now, is_high=fault.is_wrong):
        return Change(replace(lasting, posted_at=now), Event.REMINDED)
    return Change(lasting)


def _gone(known: Finding, now: datetime) -> Change:
    if known.gone_at is None:
        event = None if known.returns else Event.RECOVERED
        return Change(replace(known, gone_at=now), event)
    if now - known.gone_at < SAME_WITHIN:
        return Change(known)
    return Change(known, Event.RECOVERED if known.returns else None, is_forgotten=True)
