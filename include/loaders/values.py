"""Values of an unexpected JSON type: converted one at a time, if nothing is lost.

Each function takes a JSON value other than null and raises `ValueError`, `TypeError` or
`OverflowError` for a value that its type cannot hold.
"""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from include.sources import FieldType

# The raw tables' timestamps are UTC without a time zone.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
INT64 = range(-(2**63), 2**63)


def text(value: Any) -> str:
    """Text as it is, with halves of surrogate pairs replaced; anything else as its JSON."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def integer(value: Any) -> int | None:
    """A whole number of 64 bits; digits in text count, and empty text is null.

    Raises:
        TypeError: The value is not a number.
        ValueError: The value is not a whole number.
        OverflowError: The value needs more than 64 bits.
    """
    if isinstance(value, bool):
        raise TypeError("true and false are not numbers")
    if isinstance(value, str):
        if not value.strip():
            return None
        value = float(value) if "." in value or "e" in value.lower() else int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        if not value.is_integer():
            raise ValueError("not a whole number")
    if int(value) not in INT64:
        raise OverflowError("more than 64 bits")
    return int(value)


def number(value: Any) -> float | None:
    """A finite double; digits in text count, and empty text, NaN and infinities are null.

    Raises:
        TypeError: The value is not a number.
        ValueError: The text is not a number.
    """
    if isinstance(value, bool):
        raise TypeError("true and false are not numbers")
    if isinstance(value, str) and not value.strip():
        return None
    converted = float(value)
    return converted if math.isfinite(converted) else None


def timestamp(value: Any) -> datetime | None:
    """Milliseconds since 1970 or ISO 8601, in UTC without a zone; text without one is UTC."""
    if isinstance(value, str):
        if not value.strip():
            return None
        if value.strip().lstrip("-").isdigit():
            return EPOCH + timedelta(milliseconds=int(value))
        time = datetime.fromisoformat(value)
        return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
    milliseconds = integer(value)
    return None if milliseconds is None else EPOCH + timedelta(milliseconds=milliseconds)


def day(value: Any) -> date | None:
    """A date without a time, as `2025-01-07`."""
    return date.fromisoformat(value) if value else None


def boolean(value: Any) -> bool:
    """True or false; 1 and 0 count.

    Raises:
        ValueError: The value is neither.
    """
    if value not in (True, False):
        raise ValueError("neither true nor false")
    return bool(value)


LOSSLESS: dict[FieldType, Callable[[Any], Any]] = {
    "text": text,
    "integer": integer,
    "number": number,
    "timestamp": timestamp,
    "date": day,
    "boolean": boolean,
}
