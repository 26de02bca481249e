"""The rows of a JSON list: declared fields, unknown ones, missing ones, and what is no list."""

from typing import Any

import pytest

from include.loaders import SchemaError
from include.loaders.json_lists import read_json_list
from include.loaders.report import Notes
from include.sources import JsonField
from tests.loaders.json_values import nested

URL = "https://x/list"
FIELDS = (
    JsonField("type", "text"),
    JsonField("lat", "number"),
    JsonField("when", "timestamp", required=False),
)


class Client:
    """A client that gets one answer."""

    source = "permits"

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def read_json(self, url: str) -> Any:
        assert url == URL
        return self._answer


def read(answer: Any, notes: Notes | None = None) -> Any:
    return read_json_list(Client(answer), URL, FIELDS, notes or Notes())  # type: ignore[arg-type]


def row(**more: Any) -> dict[str, Any]:
    return {"type": "a", "lat": 1, "when": None} | more


def test_declared_fields_come_first_in_their_order_and_unknown_ones_as_text() -> None:
    notes = Notes()

    batch = read([row(z=5, b=[1]), row(type="c", when=1000, z=None)], notes)

    assert [(field.name, str(field.type)) for field in batch.schema] == [
        ("type", "string"),
        ("lat", "double"),
        ("when", "timestamp[us]"),
        ("b", "string"),
        ("z", "string"),
    ]
    assert batch.drop_columns(["when"]).to_pylist() == [
        {"type": "a", "lat": 1.0, "b": "[1]", "z": "5"},
        {"type": "c", "lat": 1.0, "b": None, "z": None},
    ]
    assert notes.sentences() == (
        "the field 'b' is not declared; it is loaded as text",
        "the field 'z' is not declared; it is loaded as text",
    )


def test_a_field_is_found_whatever_its_case() -> None:
    [found] = read([{"TYPE": "a", "Lat": 2, "when": None}]).to_pylist()

    assert found == {"type": "a", "lat": 2.0, "when": None}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row(TYPE="b")], "the fields 'type' and 'TYPE' are one column"),
        ([row(), row(WHEN=1)], "the fields 'when' and 'WHEN' are one column"),
        ([row(note=1, Note=2)], "the fields 'Note' and 'note' are one column"),
        (
            [{"TYPE": "a", "Type": "b", "lat": 1, "when": None}],
            "the rows spell the field 'type' in several ways: 'TYPE', 'Type'",
        ),
        ([row(**{"": 1})], "the field name '' cannot name a column"),
        ([row(**{"\ud800": 1})], "the field name '\\ud800' cannot name a column"),
    ],
)
def test_fields_that_differ_only_by_case_are_refused(
    rows: list[dict[str, Any]], reason: str
) -> None:
    with pytest.raises(SchemaError) as failure:
        read(rows)

    assert str(failure.value) == f"permits: {reason}."


def test_a_field_that_need_not_be_there_is_null_and_noted() -> None:
    notes = Notes()
    rows = [row(when=0), row(), row()]
    for each in rows[1:]:
        del each["when"]

    assert read(rows, notes)["when"].null_count == 2
    assert notes.sentences() == ("rows without the field 'when', which is null there: 2",)


def test_an_empty_list_has_the_declared_columns() -> None:
    assert read([]).schema.names == ["type", "lat", "when"]


def test_a_required_field_that_rows_lack_is_refused() -> None:
    rows = [row(), row(), row()]
    del rows[1]["lat"], rows[2]["lat"]

    with pytest.raises(SchemaError) as failure:
        read(rows)

    assert str(failure.value) == (
        "permits: the required field 'lat' is missing from 2 of 3 rows, first from row 2. "
        f"Request: {URL}."
    )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"a": 1, "b": 2}, "the answer is not a list but an object with a, b"),
        ("x" * 100, "the answer is not a list but '" + "x" * 79),
        (None, "the answer is not a list but None"),
        ({"k" * 100: 1}, "the answer is not a list but an object with " + "k" * 80),
        (nested(900), "row 1 is not an object: [[[[[[[...]]]]]]]"),
        ([{}, None], "row 2 is not an object: None"),
        ([{}, "y" * 100], "row 2 is not an object: '" + "y" * 79),
    ],
)
def test_what_is_no_list_of_objects_is_refused(answer: Any, reason: str) -> None:
    with pytest.raises(SchemaError) as failure:
        read(answer)

    assert str(failure.value) == f"permits: {reason}. Request: {URL}."


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row(), row(lat="many")], "row 2: the field 'lat' is declared as number and holds 'many'"),
        ([row(lat={"a": 1})], "row 1: the field 'lat' is declared as number and holds {'a': 1}"),
        ([row(), row(when=[])], "row 2: the field 'when' is declared as timestamp and holds []"),
        ([row(note=nested(900))], "row 1: the field 'note' is declared as text and holds [[[[[[["),
        ([row(type="\ud800" + "x")] * 2, None),
    ],
)
def test_a_value_that_does_not_fit_is_named_by_its_row(
    rows: list[dict[str, Any]], reason: str | None
) -> None:
    if reason is None:
        assert read(rows)["type"].to_pylist() == ["\ufffdx"] * 2
        return
    with pytest.raises(SchemaError) as failure:
        read(rows)
    assert str(failure.value).startswith(f"permits: {reason}")
