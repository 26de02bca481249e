"""Single values: which ones a field's type holds, what they become, and which are refused."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from include.loaders.values import EPOCH, LOSSLESS
from include.sources import FieldType

NAN, INFINITY = float("nan"), float("inf")
LARGEST, SMALLEST = 2**63 - 1, -(2**63)


def at(*parts: int) -> datetime:
    """A time as a raw table holds it: in UTC, without a zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc, arg-type]


ACCEPTED: list[tuple[FieldType, Any, Any]] = [
    ("text", "as it is ", "as it is "),
    ("text", "", ""),
    ("text", "cut \ud83d", "cut \ufffd"),
    ("text", 91101, "91101"),
    ("text", True, "true"),
    ("text", {"b": 1, "a": [1.5, None]}, '{"a":[1.5,null],"b":1}'),
    ("integer", 5, 5),
    ("integer", 5.0, 5),
    ("integer", "5", 5),
    ("integer", " 7 ", 7),
    ("integer", "5.0", 5),
    ("integer", "5e3", 5000),
    ("integer", "5E3", 5000),
    ("integer", "9007199254740993", 9_007_199_254_740_993),
    ("integer", "", None),
    ("integer", "  ", None),
    ("integer", NAN, None),
    ("integer", INFINITY, None),
    ("integer", LARGEST, LARGEST),
    ("integer", SMALLEST, SMALLEST),
    ("number", 5, 5.0),
    ("number", 1.25, 1.25),
    ("number", " 2.5 ", 2.5),
    ("number", "", None),
    ("number", "  ", None),
    ("number", NAN, None),
    ("number", -INFINITY, None),
    ("number", "NaN", None),
    ("timestamp", 0, at(1970, 1, 1)),
    ("timestamp", 1_755_793_623_120, at(2025, 8, 21, 16, 27, 3, 120_000)),
    ("timestamp", "1755793623120", at(2025, 8, 21, 16, 27, 3, 120_000)),
    ("timestamp", " 1500 ", at(1970, 1, 1, 0, 0, 1, 500_000)),
    ("timestamp", "-1000", at(1969, 12, 31, 23, 59, 59)),
    ("timestamp", "2025-01-07T02:00:00-08:00", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07T10:00:00Z", at(2025, 1, 7, 10)),
    ("timestamp", "2025-01-07T10:00:00", at(2025, 1, 7, 10)),
    ("timestamp", "", None),
    ("timestamp", "  ", None),
    ("timestamp", NAN, None),
    ("timestamp", 1000.0, at(1970, 1, 1, 0, 0, 1)),
    ("date", "2025-01-07", date(2025, 1, 7)),
    ("date", "", None),
    ("boolean", True, True),
    ("boolean", False, False),
    ("boolean", 1, True),
    ("boolean", 0, False),
]
REFUSED: list[tuple[FieldType, Any, type[Exception], str]] = [
    ("integer", True, TypeError, "^true and false are not numbers$"),
    ("integer", 1.5, ValueError, "^not a whole number$"),
    ("integer", "1.5", ValueError, "^not a whole number$"),
    ("integer", "many", ValueError, "invalid literal"),
    ("integer", "1e-1", ValueError, "^not a whole number$"),
    ("integer", [1], TypeError, "list"),
    ("integer", LARGEST + 1, OverflowError, "^more than 64 bits$"),
    ("integer", SMALLEST - 1, OverflowError, "^more than 64 bits$"),
    ("integer", float(2**63), OverflowError, "^more than 64 bits$"),
    ("number", False, TypeError, "^true and false are not numbers$"),
    ("number", "many", ValueError, "could not convert"),
    ("number", {"a": 1}, TypeError, "dict"),
    ("timestamp", True, TypeError, "^true and false are not numbers$"),
    ("timestamp", "yesterday", ValueError, "yesterday"),
    ("timestamp", 99_999_999_999_999_999, OverflowError, "must have magnitude"),
    ("date", "7 January", ValueError, "7 January"),
    ("date", 20250107, TypeError, "must be str"),
    ("boolean", 2, ValueError, "^neither true nor false$"),
    ("boolean", "true", ValueError, "^neither true nor false$"),
]


@pytest.mark.parametrize(("kind", "value", "expected"), ACCEPTED)
def test_a_value_that_fits_becomes_its_types(kind: FieldType, value: Any, expected: Any) -> None:
    converted = LOSSLESS[kind](value)

    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(("kind", "value", "error", "words"), REFUSED)
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
