"""What anyone can see: the public file by its address, and the heartbeat of the watch."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
from pydantic import AwareDatetime, BaseModel, ValidationError

from include.https import trusted
from include.masking import mask_secrets
from include.publishing.contract import CLOCK_SKEW
from include.publishing.public_file import (
    PATIENCE_SECONDS,
    Fault,
    PublicFile,
    check_address,
    check_again,
)
from include.times import california_time, duration

# The watch runs every 15 minutes: two runs may fail or come late.
OLDEST_HEARTBEAT = timedelta(minutes=45)
HEARTBEAT = "heartbeat"
_TIMEOUT_SECONDS = 30


class _Heartbeat(BaseModel):
    at: AwareDatetime


def find_faults(
    public_url: str,
    heartbeat_url: str,
    clock: Callable[[], datetime],
    *,
    patience_seconds: float = PATIENCE_SECONDS,
) -> tuple[Fault, ...]:
    """What is wrong and stays wrong for half a minute.

    Args:
        public_url: The address of the public file.
        heartbeat_url: The address of the heartbeat.
        clock: Returns the current time, in UTC.
        patience_seconds: How long something has to be wrong.
    """

    def look() -> PublicFile:
        now = clock()
        found = check_address(public_url, now)
        problem = heartbeat_problem(heartbeat_url, now)
        silent = (Fault(HEARTBEAT, problem, is_wrong=False),) if problem else ()
        return replace(found, faults=(*found.faults, *silent))

    faults = check_again(look, patience_seconds=patience_seconds).faults
    # The log of the run and the file of what was posted hold the same sentences as the message.
    return tuple(fault._replace(text=mask_secrets(fault.text)) for fault in faults)


def heartbeat_problem(url: str, now: datetime) -> str:
    """A sentence if the heartbeat is missing, unreadable or too old; empty if it is fine.

    Args:
        url: Its address.
        now: The current time, in UTC.
    """
    found = _read_heartbeat(url)
    if isinstance(found, str):
        return f"Nobody watches: {found}."
    if found > now + CLOCK_SKEW:
        return f"Nobody watches: the heartbeat is of the future, {california_time(found)}."
    if now - found > OLDEST_HEARTBEAT:
        ago = f"{duration(now - found)} ago, {california_time(found)}"
        return f"Nobody watches: the last complete check was {ago}."
    return ""


def _read_heartbeat(url: str) -> datetime | str:
    """The time of the heartbeat, or why there is none."""
    try:
        headers = {"Cache-Control": "no-cache"}
        response = httpx.get(url, headers=headers, timeout=_TIMEOUT_SECONDS, verify=trusted())
    except httpx.HTTPError as error:
        return f"the heartbeat is out of reach, {type(error).__name__}"
    if response.status_code == httpx.codes.NOT_FOUND:
        return "the heartbeat is missing, its address answers 404"
    if response.status_code != httpx.codes.OK:
        return f"the heartbeat is out of reach, its address answers {response.status_code}"
    try:
        return _Heartbeat.model_validate_json(response.content).at
    except ValidationError:
        return "the heartbeat holds no time"
