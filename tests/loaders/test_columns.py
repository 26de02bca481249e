"""Columns of values: their Arrow type, their nulls, and the name of the value that does not fit."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from include.loaders import SchemaError
from include.loaders.columns import (
    ARROW,
    EARLIEST,
    LATEST,
    Column,
    check_names,
    load_columns,
    match_names,
    to_array,
)
from include.sources import FieldType
from tests.loaders.json_values import nested

NAN, INFINITY = float("nan"), float("inf")


def column(values: list[Any], kind: FieldType) -> pa.Array:
    return to_array(values, Column("Field", kind), "parcels", lambda position: f"row {position}")


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("text", ["a", None, "c"], ["a", None, "c"]),
        ("text", ["a", 91101], ["a", "91101"]),
        ("text", ["a", "cut \ud83d"], ["a", "cut \ufffd"]),
        ("integer", [1, None, 3], [1, None, 3]),
        ("integer", [1, "2", 3.0], [1, 2, 3]),
        ("number", [1, 2.5, None], [1.0, 2.5, None]),
        ("number", [1.5, NAN, INFINITY, -INFINITY], [1.5, None, None, None]),
        ("number", [None, None], [None, None]),
        ("number", ["1.5", ""], [1.5, None]),
        ("boolean", [True, None, False], [True, None, False]),
        ("boolean", [1, 0, True], [True, False, True]),
        ("date", ["2025-01-07", None, ""], [at(2025, 1, 7).date(), None, None]),
        ("timestamp", [1500, None], [at(1970, 1, 1, 0, 0, 1, 500_000), None]),
        ("timestamp", [1500, "2025-01-07"], [at(1970, 1, 1, 0, 0, 1, 500_000), at(2025, 1, 7)]),
        ("timestamp", [EARLIEST], [at(1, 1, 1)]),
        ("timestamp", [LATEST], [at(9999, 12, 31, 23, 59, 59, 999_000)]),
        ("timestamp", [None], [None]),
        ("timestamp", [], []),
    ],
)
def test_a_column_has_its_declared_type_and_its_values(
    kind: FieldType, values: list[Any], expected: list[Any]
) -> None:
    array = column(values, kind)

    assert array.type == ARROW[kind]
    assert array.to_pylist() == expected
    assert [type(value) for value in array.to_pylist()] == list(map(type, expected))


@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [
        ("timestamp", [0, EARLIEST - 1], "holds -62135596800001 (date value out of range)"),
        ("timestamp", [0, LATEST + 1], "holds 253402300800000 (date value out of range)"),
        ("timestamp", [0, 2**70], "holds 1180591620717411303424 (more than 64 bits)"),
        ("timestamp", [0, True], "holds True (true and false are not numbers)"),
        ("integer", [0, 2**64], "holds 18446744073709551616 (more than 64 bits)"),
        ("integer", [0, True], "holds True (true and false are not numbers)"),
        ("number", [0, True], "holds True (true and false are not numbers)"),
        ("boolean", [True, 2], "holds 2 (neither true nor false)"),
        ("number", [0, "x" * 90], f"holds '{'x' * 79} (not a number)"),
        ("number", [0.5, 10**400], f"holds 1{'0' * 79} (int too large to convert to float)"),
        ("integer", [0, 1e18], "holds 1e+18 (a number with a decimal point that may have lost"),
        ("text", ["a", 1.8446744073709552e19], "holds 1.8446744073709552e+19 (a number with a"),
        ("timestamp", [0, "2025"], "holds '2025' (neither milliseconds since 1970 nor a date"),
        ("date", [None, "2025-01-07T08:00"], "holds '2025-01-07T08:00' (a date with a time of"),
        ("text", ["a", nested(300)], "holds [[[[[[[...]]]]]]] (Recursion limit reached)"),
    ],
)
def test_the_value_that_does_not_fit_is_named_with_its_row(
    kind: FieldType, values: list[Any], reason: str
) -> None:
    with pytest.raises(SchemaError) as failure:
        column(values, kind)

    sentence = f"parcels: row 1: the field 'Field' is declared as {kind} and {reason}"
    assert str(failure.value).startswith(sentence)


def test_the_columns_of_a_load_are_in_utc_without_a_zone() -> None:
    loaded = datetime.fromisoformat("2025-01-07T02:00:00-08:00")

    found = load_columns(loaded, None, "run 1")

    assert {name: value.as_py() for name, value in found.items()} == {
        "_LOADED_AT": at(2025, 1, 7, 10),
        "_SOURCE_EDITED_AT": None,
        "_LOAD_ID": "run 1",
    }
    assert {name: str(value.type) for name, value in found.items()} == {
        "_LOADED_AT": "timestamp[us]",
        "_SOURCE_EDITED_AT": "timestamp[us]",
        "_LOAD_ID": "string",
    }
    assert load_columns(loaded, loaded, "x")["_SOURCE_EDITED_AT"].as_py() == at(2025, 1, 7, 10)


@pytest.mark.parametrize(
    ("declared", "names", "actual", "extra"),
    [
        (["a"], ["a"], {"a": "a"}, set()),
        (["Status"], ["STATUS"], {"Status": "STATUS"}, set()),
        (["Status"], ["Status", "STATUS"], {"Status": "Status"}, {"STATUS"}),
        (["a", "A"], ["a", "A"], {"a": "a", "A": "A"}, set()),
        (["Gone"], ["Other"], {"Gone": "Gone"}, {"Other"}),
        (["Gone"], ["other", "Other"], {"Gone": "Gone"}, {"other", "Other"}),
        (["Gone"], [], {"Gone": "Gone"}, set()),
    ],
)
def test_declared_fields_are_matched_whatever_their_case(
    declared: list[str], names: list[str], actual: dict[str, str], extra: set[str]
) -> None:
    assert match_names(declared, [{name: 1} for name in names]) == (actual, extra)


@pytest.mark.parametrize(
    ("declared", "names", "reason"),
    [
        (
            ["Status"],
            ["status", "STATUS"],
            "the rows spell the field 'Status' in several ways: 'STATUS', 'status'",
        ),
        (["Status", "STATUS"], ["status"], "the field 'status' of the rows is two declared fields"),
        (["Status", "STATUS"], ["STATUS"], "the field 'STATUS' of the rows is two declared fields"),
    ],
)
def test_fields_that_cannot_be_matched_without_doubt_are_refused(
    declared: list[str], names: list[str], reason: str
) -> None:
    with pytest.raises(SchemaError) as failure:
        match_names(declared, [dict.fromkeys(names)], "parcels")

    assert str(failure.value) == f"parcels: {reason}."


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["x", "a", "A"], "the fields 'a' and 'A' are one column"),
        (["a", "a"], "the fields 'a' and 'a' are one column"),
        (["Stra\u00dfe", "STRASSE"], "the fields 'Stra\u00dfe' and 'STRASSE' are one column"),
        ([""], "the field name '' cannot name a column"),
        (["a\ud83d"], "the field name 'a\\ud83d' cannot name a column"),
    ],
)
def test_names_that_a_reader_cannot_tell_apart_are_refused(names: list[str], reason: str) -> None:
    with pytest.raises(SchemaError) as failure:
        check_names("parcels", names)

    assert str(failure.value) == f"parcels: {reason}."
    check_names("parcels", ["a", "b", "two words", "line\nbreak"])
