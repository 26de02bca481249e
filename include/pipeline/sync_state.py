"""Phases of a Fivetran sync, from a connector's details.

The words are Fivetran's (https://fivetran.com/docs/rest-api/api-reference/connections).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

# The end of the last sync of a connector that never synced.
NEVER = datetime.fromtimestamp(0, UTC)
NO_REASON = "Fivetran's API gives no reason"


class Phase(Enum):
    """What a task that waits for a sync finds."""

    SYNCING = "a sync is running"
    ENDED = "the rows have arrived"
    FAILED = "the sync has failed"
    PAUSED = "somebody has paused the connector"
    SETUP = "the connector's setup is broken or incomplete"
    RESCHEDULED = "the source accepts no more requests for now"
    SCHEDULED = "no sync is running, and none has ended"


def phase_of(details: Mapping[str, Any], after: datetime) -> Phase:
    """The phase of the first sync that ends after a time.

    A sync that is running decides: a connector can be syncing while its last sync has failed.
    `update_state` says nothing about one sync: it is `delayed` when the data are late.

    Args:
        details: A connector's details.
        after: The end of the sync before.
    """
    status = details["status"]
    state = status.get("sync_state")
    if state == "syncing":
        return Phase.SYNCING
    if parse_time(details.get("succeeded_at")) > after:
        return Phase.ENDED
    if parse_time(details.get("failed_at")) > after:
        return Phase.FAILED
    if is_paused(details):
        return Phase.PAUSED
    if is_not_set_up(details):
        return Phase.SETUP
    return Phase.RESCHEDULED if state == "rescheduled" else Phase.SCHEDULED


def is_paused(details: Mapping[str, Any]) -> bool:
    """True if somebody has paused the connector."""
    return details.get("paused") is True or details["status"].get("sync_state") == "paused"


def is_not_set_up(details: Mapping[str, Any]) -> bool:
    """True if the connector's setup is `broken` or `incomplete`."""
    return bool(details["status"].get("setup_state", "connected") != "connected")


def last_end(details: Mapping[str, Any]) -> datetime:
    """The end of the last sync, whether it succeeded or failed; `NEVER` if none has ended."""
    return max(parse_time(details.get(name)) for name in ("succeeded_at", "failed_at"))


def parse_time(text: str | None) -> datetime:
    """A time of Fivetran's API; `NEVER` if there is none."""
    if not text or text == "None":
        return NEVER
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def reason(details: Mapping[str, Any]) -> str:
    """Fivetran's reason for a failed sync: what it asks people to do, and its warnings."""
    status = details["status"]
    listed = [*(status.get("tasks") or ()), *(status.get("warnings") or ())]
    messages = dict.fromkeys(_sentence(each) for each in listed)
    found = [message for message in messages if message]
    return "; ".join(found) or NO_REASON


def describe_connector(details: Mapping[str, Any]) -> dict[str, str]:
    """What Fivetran says of a connector, for the page *Sources*.

    Args:
        details: The connector's details.

    Returns:
        `name`; `state`, a sentence without a full stop; `succeeded_at` and `failed_at`, ISO 8601 or
        empty; `says`, what Fivetran asks people to do, empty if nothing.
    """
    status = details["status"]
    words = {
        "syncing": "a sync is running",
        "rescheduled": "the next sync is rescheduled, as the source accepts no more requests",
        "scheduled": "no sync is running",
        "paused": "the connector is paused",
    }
    state = str(status.get("sync_state") or "")
    if is_paused(details):
        said = words["paused"]
    elif is_not_set_up(details):
        said = f"the connector's setup is {status['setup_state']}"
    else:
        said = words.get(state, state or "its state is unknown")
    asks = reason(details)
    return {
        "name": str(details.get("schema") or ""),
        "state": said,
        "succeeded_at": str(details.get("succeeded_at") or ""),
        "failed_at": str(details.get("failed_at") or ""),
        "says": "" if asks == NO_REASON else asks,
    }


def _sentence(item: Mapping[str, Any]) -> str:
    """A task or a warning: a label such as `Reconnect`, and often its details."""
    label = str(item.get("message") or item.get("code") or "").rstrip(".")
    details = item.get("details")
    return f"{label}: {details.rstrip('.')}" if isinstance(details, str) and details else label
