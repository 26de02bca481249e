"""The error line and the cause of a failure."""

import re
from dataclasses import dataclass

from include.incidents.text import one_line

_VARYING = re.compile(r"https?://\S+|\b[0-9a-f]{8}[0-9a-f-]{8,}\b|\b[0-9a-f]{8,}\b|\d{4,}|\d+(?= rows?)|(?<=found )\d+")
_SHARED = re.compile(r"^\d{6} \(\w{5}\)|snowflake|azure|AuthenticationFailed|Fivetran", re.I)


@dataclass(frozen=True)
class ErrorFacts:
    """What an error text says."""

    line: str
    details: tuple[str, ...]
    cause: str
    is_shared: bool


def describe_error(text: str, error_type: str = "") -> ErrorFacts:
    """Describe an error."""
    if error_type.endswith("KeyError"):
        text = f"KeyError: {text}"
    if "terminated by signal" in text:
        text = "The task was killed (SIGKILL): most likely out of memory"
    if error_type.endswith("AirflowTaskTimeout"):
        text = re.sub(r"Timeout, PID: \d+", "The task exceeded its time limit", text)
    line = one_line(text, 400)
    return ErrorFacts(line, (), _VARYING.sub("#", line), bool(_SHARED.search(text)))
