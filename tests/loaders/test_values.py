"""Single values: which ones a field's type holds, what they become, and which are refused."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from include.loaders.excerpts import short_repr
from include.loaders.values import EPOCH, LOSSLESS
from include.sources import FieldType
from tests.loaders.json_values import nested

NAN, INFINITY = float("nan"), float("inf")
LARGEST, SMALLEST = 2**63 - 1, -(2**63)


def names(cases: list[Any]) -> list[str]:
    """Short names for the cases, whose values may be long or nested."""
    return [f"{kind} {short_repr(value)}" for kind, value, *_ in cases]


def at(*parts: int) -> datetime:
    """A time as a raw table holds it: in UTC, without a zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc, arg-type]


ACCEPTED: list[tuple[FieldType, Any, Any]] = [
    ("text", "as it is ", "as it is "),
    ("text", "", ""),
    ("text", "cut \ud83d", "cut \ufffd"),
    ("text", 91101, "91101"),
    ("text", 2**70, "1180591620717411303424"),
    ("text", -0.5, "-0.5"),
    ("text", True, "true"),
    ("text", NAN, None),
    ("text", -INFINITY, None),
    ("text", {"b": 1, "a": [1.5, None]}, '{"a":[1.5,null],"b":1}'),
    ("integer", 5, 5),
    ("integer", 5.0, 5),
    ("integer", "5", 5),
    ("integer", " 7 ", 7),
    ("integer", "-7", -7),
    ("integer", "+7", 7),
    ("integer", "5.0", 5),
    ("integer", "5.", 5),
    ("integer", "5e3", 5000),
    ("integer", "5E3", 5000),
    ("integer", "1.5e1", 15),
    ("integer", "0e9999", 0),
    ("integer", "9007199254740993", 9_007_199_254_740_993),
    ("integer", "9007199254740993.0", 9_007_199_254_740_993),
    ("integer", "12345678901234567.00", 12_345_678_901_234_567),
    ("integer", "9.223372036854775807e18", LARGEST),
    ("integer", float(2**53 - 1), 2**53 - 1),
    ("integer", "", None),
    ("integer", "  ", None),
    ("integer", NAN, None),
    ("integer", INFINITY, None),
    ("integer", LARGEST, LARGEST),
    ("integer", SMALLEST, SMALLEST),
    ("number", 5, 5.0),
    ("number", 1.25, 1.25),
    ("number", " 2.5 ", 2.5),
    ("number", "-.5e-1", -0.05),
    ("number", 1e300, 1e300),
    ("number", "", None),
    ("number", "  ", None),
    ("number", NAN, None),
    ("number", -INFINITY, None),
    ("number", "NaN", None),
    ("number", "-Infinity", None),
    ("timestamp", 0, at(1970, 1, 1)),
    ("timestamp", 1_755_793_623_120, at(2025, 8, 21, 16, 27, 3, 120_000)),
    ("timestamp", "1755793623120", at(2025, 8, 21, 16, 27, 3, 120_000)),
    ("timestamp", " 1755793623120 ", at(2025, 8, 21, 16, 27, 3, 120_000)),
    ("timestamp", "1755793623120.0", at(2025, 8, 21, 16, 27, 3, 120_000)),
    ("timestamp", "1.75579362312E12", at(2025, 8, 21, 16, 27, 3, 120_000)),
    ("timestamp", "-1000", at(1969, 12, 31, 23, 59, 59)),
    ("timestamp", "10000000000", at(1970, 4, 26, 17, 46, 40)),
    ("timestamp", "978307200000", at(2001, 1, 1)),
    ("timestamp", "315512010000", at(1979, 12, 31, 18, 13, 30)),
    ("timestamp", "32503680000000", at(3000, 1, 1)),
    ("timestamp", "253402300799999", at(9999, 12, 31, 23, 59, 59, 999_000)),
    ("timestamp", "20250107", at(2025, 1, 7)),
    ("timestamp", "20250107103000", at(2025, 1, 7, 10, 30)),
    ("timestamp", "20250107T103000Z", at(2025, 1, 7, 10, 30)),
    ("timestamp", "2025-01-07", at(2025, 1, 7)),
    ("timestamp", "2025-01-07T02:00:00-08:00", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07 02:00:00 -08:00", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07T10:00:00Z", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07t10:00:00z", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07T10:00:00", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07T10", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07T1030+0030", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07T10:30:00,5", at(2025, 1, 7, 10, 30, 0, 500_000)),
    ("timestamp", "2025-01-07T10:30", at(2025, 1, 7, 10, 30)),
    ("timestamp", "2025-01-07T10:00:00.1234567", at(2025, 1, 7, 10, 0, 0, 123_456)),
    ("timestamp", "", None),
    ("timestamp", "  ", None),
    ("timestamp", NAN, None),
    ("timestamp", 1000.0, at(1970, 1, 1, 0, 0, 1)),
    ("date", "2025-01-07", date(2025, 1, 7)),
    ("date", " 2025-01-07 ", date(2025, 1, 7)),
    ("date", "20250107", date(2025, 1, 7)),
    ("date", "2025-01-07T00:00:00", date(2025, 1, 7)),
    ("date", "2025-01-07 00:00:00.000", date(2025, 1, 7)),
    ("date", "2025-01-07T00:00:00-08:00", date(2025, 1, 7)),
    ("date", 1_736_208_000_000, date(2025, 1, 7)),
    ("date", "1736208000000", date(2025, 1, 7)),
    ("date", 0, date(1970, 1, 1)),
    ("date", "", None),
    ("date", "  ", None),
    ("date", NAN, None),
    ("boolean", True, True),
    ("boolean", False, False),
    ("boolean", 1, True),
    ("boolean", 0, False),
    ("boolean", 1.0, True),
    ("boolean", "true", True),
    ("boolean", "False", False),
    ("boolean", " TRUE ", True),
    ("boolean", "1", True),
    ("boolean", "0", False),
    ("boolean", "Yes", True),
    ("boolean", "n", False),
    ("boolean", "", None),
    ("boolean", NAN, None),
]
NOT_WHOLE, NOT_A_NUMBER = "^not a whole number$", "^not a number$"
TOO_LONG, LOST_DIGITS = "^more than 64 bits$", "may have lost digits$"
NOT_A_TIME, NEITHER = "^not a time in ISO 8601$", "^neither milliseconds since 1970 nor a date"
REFUSED: list[tuple[FieldType, Any, type[Exception], str]] = [
    ("text", 2.0**53, ValueError, LOST_DIGITS),
    ("text", 1.8446744073709552e19, ValueError, LOST_DIGITS),
    ("text", nested(300), TypeError, "Recursion limit"),
    ("text", [2**70], TypeError, "64-bit"),
    ("integer", True, TypeError, "^true and false are not numbers$"),
    ("integer", 1.5, ValueError, NOT_WHOLE),
    ("integer", "1.5", ValueError, NOT_WHOLE),
    ("integer", "many", ValueError, NOT_WHOLE),
    ("integer", "1e-1", ValueError, NOT_WHOLE),
    ("integer", "1e-9999", ValueError, NOT_WHOLE),
    ("integer", "1_000", ValueError, NOT_WHOLE),
    ("integer", "1,000", ValueError, NOT_WHOLE),
    ("integer", "1 000", ValueError, NOT_WHOLE),
    ("integer", "0x10", ValueError, NOT_WHOLE),
    ("integer", "\u0661\u0662", ValueError, NOT_WHOLE),
    ("integer", "\u22125", ValueError, NOT_WHOLE),
    ("integer", "nan", ValueError, NOT_WHOLE),
    ("integer", "true", ValueError, NOT_WHOLE),
    ("integer", [1], TypeError, NOT_A_NUMBER),
    ("integer", {}, TypeError, NOT_A_NUMBER),
    ("integer", LARGEST + 1, OverflowError, TOO_LONG),
    ("integer", SMALLEST - 1, OverflowError, TOO_LONG),
    ("integer", float(2**63), OverflowError, TOO_LONG),
    ("integer", "9223372036854775808", OverflowError, TOO_LONG),
    ("integer", "1e9999", OverflowError, TOO_LONG),
    ("integer", "9" * 10**6, OverflowError, TOO_LONG),
    ("integer", 9007199254740993.0, ValueError, LOST_DIGITS),
    ("integer", -1e18, ValueError, LOST_DIGITS),
    ("number", False, TypeError, "^true and false are not numbers$"),
    ("number", "many", ValueError, NOT_A_NUMBER),
    ("number", "1_0.5", ValueError, NOT_A_NUMBER),
    ("number", "1,5", ValueError, NOT_A_NUMBER),
    ("number", "0x1p3", ValueError, NOT_A_NUMBER),
    ("number", "\u0661\u0662", ValueError, NOT_A_NUMBER),
    ("number", "1e400", OverflowError, "^larger than any double$"),
    ("number", 10**400, OverflowError, "too large"),
    ("number", {"a": 1}, TypeError, NOT_A_NUMBER),
    ("number", [], TypeError, NOT_A_NUMBER),
    ("timestamp", True, TypeError, "^true and false are not numbers$"),
    ("timestamp", [], TypeError, NOT_A_NUMBER),
    ("timestamp", "yesterday", ValueError, NOT_A_TIME),
    ("timestamp", "2025-W02", ValueError, NOT_A_TIME),
    ("timestamp", "2025-W02-2", ValueError, NOT_A_TIME),
    ("timestamp", "2025W022", ValueError, NOT_A_TIME),
    ("timestamp", "2025-01-07x10:00", ValueError, NOT_A_TIME),
    ("timestamp", "2025-01-32", ValueError, NOT_A_TIME),
    ("timestamp", "2025-01", ValueError, NOT_A_TIME),
    ("timestamp", "1/7/2025", ValueError, NOT_A_TIME),
    ("timestamp", "2025\u221201\u221207", ValueError, NOT_A_TIME),
    ("timestamp", "\u0661755793623120", ValueError, NOT_A_TIME),
    ("timestamp", "1_755_793_623_120", ValueError, NOT_A_TIME),
    ("timestamp", "2025-01-07T11:11:11:11", ValueError, NOT_A_TIME),
    ("timestamp", "2025-01-07T11.5", ValueError, NOT_A_TIME),
    ("timestamp", "2025-01-07T11:11.5", ValueError, NOT_A_TIME),
    ("timestamp", "2025-01-07T24:00", ValueError, NOT_A_TIME),
    ("timestamp", "2025-01-07T" + "1" * 10_000, ValueError, NOT_A_TIME),
    ("timestamp", "2025", ValueError, NEITHER),
    ("timestamp", "202501", ValueError, NEITHER),
    ("timestamp", "20251301", ValueError, NOT_A_TIME),
    ("timestamp", "2025010710", ValueError, NEITHER),
    ("timestamp", "1755793623", ValueError, NEITHER),
    ("timestamp", "20250107.0", ValueError, NEITHER),
    ("timestamp", "+20250107", ValueError, NEITHER),
    ("timestamp", " 1500 ", ValueError, NEITHER),
    ("timestamp", "202501071030", ValueError, "^either milliseconds since 1970 or a date"),
    ("timestamp", "1755793623120.5", ValueError, NOT_WHOLE),
    ("timestamp", "1755793623120000", OverflowError, "out of range"),
    ("timestamp", 99_999_999_999_999_999, OverflowError, "must have magnitude"),
    ("timestamp", "9999-12-31T23:59:59-08:00", OverflowError, "out of range"),
    ("date", "7 January", ValueError, NOT_A_TIME),
    ("date", "2025-01-07T08:00:00Z", ValueError, "^a date with a time of day$"),
    ("date", "2025-01-07 00:00:00.000001", ValueError, "^a date with a time of day$"),
    ("date", 1_736_208_000_001, ValueError, "^a date with a time of day$"),
    ("date", 20250107, ValueError, "^a date with a time of day$"),
    ("date", "2025", ValueError, NEITHER),
    ("date", "2025-W02", ValueError, NOT_A_TIME),
    ("date", False, TypeError, "^true and false are not numbers$"),
    ("date", [], TypeError, NOT_A_NUMBER),
    ("date", {}, TypeError, NOT_A_NUMBER),
    ("boolean", 2, ValueError, "^neither true nor false$"),
    ("boolean", "maybe", ValueError, "^neither true nor false$"),
    ("boolean", "2", ValueError, "^neither true nor false$"),
    ("boolean", [], ValueError, "^neither true nor false$"),
    ("boolean", {}, ValueError, "^neither true nor false$"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), ACCEPTED, ids=names(ACCEPTED))
def test_a_value_that_fits_becomes_its_types(kind: FieldType, value: Any, expected: Any) -> None:
    converted = LOSSLESS[kind](value)

    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(("kind", "value", "error", "words"), REFUSED, ids=names(REFUSED))
def test_a_value_that_does_not_fit_is_refused(
    kind: FieldType, value: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        LOSSLESS[kind](value)


def test_times_have_no_zone() -> None:
    assert at(1970, 1, 1) == EPOCH
    assert LOSSLESS["timestamp"]("2025-01-07T02:00:00-08:00").tzinfo is None


@pytest.fixture
def machine_in_california(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own time zone is not UTC."""
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("machine_in_california")
def test_text_without_a_zone_is_utc_on_every_machine() -> None:
    assert LOSSLESS["timestamp"]("2025-01-07T10:00:00") == at(2025, 1, 7, 10)
    assert LOSSLESS["timestamp"]("2025-01-07T02:00:00-08:00") == at(2025, 1, 7, 10)
    assert LOSSLESS["timestamp"](0) == at(1970, 1, 1)
