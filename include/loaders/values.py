"""Values of an unexpected JSON type: converted one at a time, if nothing is lost.

Each function takes a JSON value other than null and raises `ValueError`, `TypeError` or
`OverflowError` for a value that its type cannot hold, or that can be read in two ways.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from include.sources import FieldType

# The raw tables' timestamps are UTC without a time zone.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
INT64 = range(-(2**63), 2**63)
_INT64_DIGITS = 19
# From here on, a double does not hold every whole number: 9007199254740993.0 becomes …992.
_INEXACT = 2.0**53
# `int` and `float` read more than this, such as "1_000" and the digits of other scripts.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,4})?", re.ASCII | re.IGNORECASE)
_NO_NUMBER = re.compile(r"nan|[+-]?inf(inity)?", re.IGNORECASE)
# Python reads more than this, some of it wrongly: weeks, "11:11:11:11", and "11.5" as 11:00:00.5.
_CLOCK = r"\d\d(:\d\d(:\d\d([.,]\d+)?)?)?|\d{4}(\d\d([.,]\d+)?)?"
_ISO_TIME = re.compile(
    rf"(\d{{4}}-\d\d-\d\d|\d{{8}})([T ]({_CLOCK})( ?(Z|[+-]\d\d(:?\d\d)?))?)?",
    re.ASCII | re.IGNORECASE,
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Fewer digits are a year, a day or seconds; as milliseconds they would be in early 1970.
_FEWEST_MILLISECONDS = 10**10
# `20250107103000` and `202501071030`: a date and a time without signs between them.
_TIME_DIGITS = re.compile(r"\d{14}|\d{12}", re.ASCII)
_SECOND_DIGITS = 14
# The years in which twelve digits are a time as likely as they are milliseconds.
_PLAUSIBLE_YEARS = range(1900, 2100)
# The words that Snowflake's TO_BOOLEAN accepts.
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}


def text(value: Any) -> str | None:
    """Text as it is, with halves of surrogate pairs replaced; anything else as its JSON.

    NaN and the infinities are null.

    Raises:
        TypeError: The value is nested too deeply, or has a number of more than 64 bits within.
        ValueError: The number has more digits than a double holds.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        _check_exact(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def integer(value: Any) -> int | None:
    """A whole number of 64 bits; a number in text counts, and empty text is null.

    Raises:
        TypeError: The value is not a number.
        ValueError: The value is not a whole number, or may have lost digits on its way.
        OverflowError: The value needs more than 64 bits.
    """
    if isinstance(value, str):
        if not (value := value.strip()):
            return None
        if not _NUMBER.fullmatch(value):
            raise ValueError("not a whole number")
        value = Decimal(value)
        # Before `int`, which needs most of a minute for a million digits.
        if value and value.adjusted() >= _INT64_DIGITS:
            raise OverflowError("more than 64 bits")
    _check_number(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    whole = int(value)
    if whole != value:
        raise ValueError("not a whole number")
    if whole not in INT64:
        raise OverflowError("more than 64 bits")
    if isinstance(value, float):
        _check_exact(value)
    return whole


def number(value: Any) -> float | None:
    """The nearest double; a number in text counts.

    Empty text, NaN and the infinities are null, in text too: a service writes them where it has
    no value.

    Raises:
        TypeError: The value is not a number.
        ValueError: The text is not a number.
        OverflowError: The number is larger than any double.
    """
    if isinstance(value, str):
        value = value.strip()
        if not value or _NO_NUMBER.fullmatch(value):
            return None
        if not _NUMBER.fullmatch(value):
            raise ValueError("not a number")
        if math.isinf(float(value)):
            raise OverflowError("larger than any double")
        return float(value)
    _check_number(value)
    converted = float(value)
    return converted if math.isfinite(converted) else None


def timestamp(value: Any) -> datetime | None:
    """A time in UTC without a zone, to the microsecond.

    A number is milliseconds since 1970, and so are digits in text unless they are a date
    (`20250107`) or too few. Text without a zone is in UTC.

    Raises:
        TypeError: The value is neither a number nor text.
        ValueError: The text is not a time, or can be read in two ways.
        OverflowError: The time is before the year 1 or after 9999.
    """
    time = _time(value)
    return time.astimezone(UTC).replace(tzinfo=None) if time and time.tzinfo else time


def day(value: Any) -> date | None:
    """A date: as text, as a time at midnight, or as the milliseconds of midnight in UTC.

    The errors are those of `timestamp`.

    Raises:
        ValueError: The value has a time of day, which a date would lose.
    """
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)
    time = _time(value)
    if time is None:
        return None
    if time != datetime(time.year, time.month, time.day, tzinfo=time.tzinfo):
        raise ValueError("a date with a time of day")
    return time.date()


def boolean(value: Any) -> bool | None:
    """True or false; 1 and 0 count, and so do the words that Snowflake takes for them.

    Raises:
        ValueError: The value is neither.
    """
    if isinstance(value, str):
        word = value.strip().lower()
        if word and word not in _BOOLEANS:
            raise ValueError("neither true nor false")
        return _BOOLEANS.get(word)
    if isinstance(value, float) and math.isnan(value):
        return None
    if value not in (True, False):
        raise ValueError("neither true nor false")
    return bool(value)


def _time(value: Any) -> datetime | None:
    """The time as it is written; it has a zone only if the text has one."""
    if not isinstance(value, str):
        milliseconds = integer(value)
        return None if milliseconds is None else EPOCH + timedelta(milliseconds=milliseconds)
    if not (value := value.strip()):
        return None
    if _ISO_TIME.fullmatch(value):
        return _iso_time(value)
    if _NUMBER.fullmatch(value):
        return _time_of_digits(value) or _time_of_number(value)
    raise ValueError("not a time in ISO 8601")


def _iso_time(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise ValueError("not a time in ISO 8601") from error


def _time_of_digits(digits: str) -> datetime | None:
    """A date and a time without signs between them; `None` for any other number.

    Raises:
        ValueError: The digits are milliseconds just as well.
    """
    if not _TIME_DIGITS.fullmatch(digits):
        return None
    try:
        time = datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}")
    except ValueError:
        return None
    if len(digits) == _SECOND_DIGITS:
        return time
    if time.year in _PLAUSIBLE_YEARS:
        raise ValueError("either milliseconds since 1970 or a date and a time")
    return None


def _time_of_number(value: str) -> datetime:
    milliseconds = integer(value) or 0
    if 0 <= milliseconds < _FEWEST_MILLISECONDS:
        raise ValueError("neither milliseconds since 1970 nor a date in ISO 8601")
    return EPOCH + timedelta(milliseconds=milliseconds)


def _check_number(value: Any) -> None:
    if isinstance(value, bool):
        raise TypeError("true and false are not numbers")
    if not isinstance(value, int | float | Decimal):
        raise TypeError("not a number")


def _check_exact(value: float) -> None:
    if abs(value) >= _INEXACT:
        raise ValueError("a number with a decimal point that may have lost digits")


LOSSLESS: dict[FieldType, Callable[[Any], Any]] = {
    "text": text,
    "integer": integer,
    "number": number,
    "timestamp": timestamp,
    "date": day,
    "boolean": boolean,
}
