"""Fields that come, go, change and lie; values that are odd or hostile."""

from datetime import datetime
from typing import Any

import pytest

from include.loaders import SchemaError
from tests.loaders.layer import FIELDS, Layer, row
from tests.loaders.warehouse import Warehouse

HOSTILE_NAMES = [
    'a"b',
    'x"; DROP TABLE y; --',
    "select",
    "100%",
    "%s",
    "naïve Straße",
    "x" * 255,
    "two words",
]
HOSTILE_TEXT = [
    "'; DROP TABLE PARCELS; --",
    'quotes " and \\ backslashes \\N',
    "line\nbreak\ttab\r\x01\x7f",
    "NULL",
    "😀 \u202e right to left",
    "x" * 70_000,
    "%s {} $1 :x",
    "",
]


def set_all(layer: Layer, name: str, kind: str, value: object = None) -> None:
    """Give the layer a field with one value in every row."""
    layer.fields[name] = kind
    for one in layer.rows:
        one["attributes"][name] = value


def test_types_are_the_declared_ones_whatever_the_values(
    layer: Layer, warehouse: Warehouse
) -> None:
    set_all(layer, "Zip", "esriFieldTypeString", 91101)
    set_all(layer, "Empty", "esriFieldTypeDate")
    set_all(layer, "Serial", "esriFieldTypeBigInteger", 900_000_000_007)
    set_all(layer, "Day", "esriFieldTypeDateOnly", "2025-01-07")
    set_all(layer, "Typed", "esriFieldTypeString", "2025-01-07T10:00:00Z")
    set_all(layer, "Whole", "esriFieldTypeInteger", 5.0)
    set_all(layer, "Iso", "esriFieldTypeDate", "2025-01-07T02:00:00-08:00")
    layer.rows = layer.rows[:1]
    warehouse.load()
    [(zip_code, empty, serial, day, typed, whole, iso)] = warehouse.rows(
        "ZIP, EMPTY, SERIAL, DAY, TYPED, WHOLE, ISO"
    )
    assert (zip_code, empty, serial, typed, whole) == (
        "91101",
        None,
        900_000_000_007,
        "2025-01-07T10:00:00Z",
        5,
    )
    assert day.isoformat() == "2025-01-07"
    assert iso == datetime(2025, 1, 7, 10)  # noqa: DTZ001
    assert ("EMPTY", "TIMESTAMP_NTZ") in columns(warehouse)


def columns(warehouse: Warehouse) -> set[tuple[str, str]]:
    """The table's columns and their types."""
    rows = warehouse.run(
        f"SELECT COLUMN_NAME, DATA_TYPE FROM {warehouse.database}.INFORMATION_SCHEMA.COLUMNS "
        f"WHERE TABLE_SCHEMA = '{warehouse.table.schema}'"
    )
    return {(name, kind) for name, kind in rows}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Inspected", 99_999_999_999_999_999, ["'Inspected'", "OBJECTID=3", "99999999999999999"]),
        ("Inspected", "yesterday", ["'Inspected'", "OBJECTID=3", "yesterday"]),
        ("Units", 1.5, ["'Units'", "OBJECTID=3", "1.5"]),
        ("Units", "many", ["'Units'", "integer", "many"]),
        ("Acres", {"a": 1}, ["'Acres'", "number"]),
        ("Units", 2**70, ["'Units'", "64 bits"]),
    ],
)
def test_a_value_that_its_field_cannot_hold_is_refused_by_name(
    layer: Layer, warehouse: Warehouse, name: str, value: object, words: list[str]
) -> None:
    warehouse.load()
    layer.rows[2]["attributes"][name] = value
    with pytest.raises(SchemaError) as failure:
        warehouse.load()
    assert all(word in str(failure.value) for word in words)
    assert warehouse.load_ids() == {"run 001"}


def test_a_new_field_is_added_and_reported(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load()
    set_all(layer, "Inspector", "esriFieldTypeString", "R. Diaz")
    assert warehouse.load().notes == ("the column INSPECTOR is new",)
    assert set(warehouse.rows("INSPECTOR")) == {("R. Diaz",)}


def test_a_field_that_goes_is_null_and_reported(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load()
    del layer.fields["Acres"]
    notes = warehouse.load().notes
    assert "the column ACRES is no longer in the source and is null" in notes
    assert set(warehouse.rows("ACRES")) == {(None,)}


def test_a_required_field_that_goes_fails_by_name(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load(required=("Status",))
    layer.fields["status_2"] = layer.fields.pop("Status")
    with pytest.raises(SchemaError, match=r"lost the required Status.*status_2"):
        warehouse.load(required=("Status",))
    assert warehouse.load_ids() == {"run 001"}


def test_a_required_field_that_some_rows_lack_fails_by_name(
    layer: Layer, warehouse: Warehouse
) -> None:
    del layer.rows[3]["attributes"]["Status"]
    with pytest.raises(SchemaError, match=r"'Status' is missing from 1 rows.*OBJECTID=4"):
        warehouse.load(required=("Status",))


def test_a_field_that_some_rows_lack_is_null_there_and_reported(
    layer: Layer, warehouse: Warehouse
) -> None:
    del layer.rows[3]["attributes"]["Status"]
    layer.rows[5]["attributes"]["Surprise"] = 1
    assert warehouse.load().notes == (
        "rows without the field 'Status', which is null there: 1",
        "the undeclared field 'Surprise' was not read",
    )
    assert warehouse.rows("OBJECTID, STATUS")[3] == (4, None)


def test_a_changed_type_fails_by_name(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load()
    layer.fields["Units"] = "esriFieldTypeString"
    with pytest.raises(SchemaError, match="UNITS was NUMBER and is now TEXT"):
        warehouse.load()
    assert warehouse.load_ids() == {"run 001"}


@pytest.mark.parametrize(
    ("before", "after"),
    [("Status", "STATUS"), ("SHAPE_Area", "Shape__Area"), ("Shape__Length", "SHAPE.STLength()")],
)
def test_a_field_that_flips_its_spelling_stays_the_same_field(
    layer: Layer, warehouse: Warehouse, before: str, after: str
) -> None:
    layer.fields.pop("Status")
    for one in layer.rows:
        one["attributes"].pop("Status")
    set_all(layer, before, "esriFieldTypeString", "old")
    warehouse.load()
    there = columns(warehouse)
    layer.fields.pop(before)
    set_all(layer, after, "esriFieldTypeString", "new")
    for one in layer.rows:
        one["attributes"].pop(before)
    assert warehouse.load().notes == ()
    assert columns(warehouse) == there


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_only_a_name(layer: Layer, warehouse: Warehouse, name: str) -> None:
    set_all(layer, name, "esriFieldTypeString", "kept")
    warehouse.load()
    warehouse.load()
    assert (name.upper(), "TEXT") in columns(warehouse)
    column = '"' + name.upper().replace('"', '""') + '"'
    assert set(warehouse.rows(column)) == {("kept",)}


@pytest.mark.parametrize("name", ["line\nbreak", "x" * 256, "bell\x07", "_load_id", "geometry", ""])
def test_a_name_that_no_column_can_have_is_refused(
    layer: Layer, warehouse: Warehouse, name: str
) -> None:
    warehouse.load()
    set_all(layer, name, "esriFieldTypeString", "x")
    with pytest.raises(SchemaError, match="name"):
        warehouse.load()
    assert warehouse.load_ids() == {"run 001"}


def test_two_fields_that_would_be_one_column_are_refused(
    layer: Layer, warehouse: Warehouse
) -> None:
    set_all(layer, "STATUS", "esriFieldTypeString", "x")
    with pytest.raises(SchemaError, match="'Status' and 'STATUS' are one column"):
        warehouse.load()


def test_hostile_text_arrives_as_it_was(layer: Layer, warehouse: Warehouse) -> None:
    layer.rows = [row(number) for number in range(1, len(HOSTILE_TEXT) + 1)]
    for one, text in zip(layer.rows, HOSTILE_TEXT, strict=True):
        one["attributes"]["Status"] = text
    warehouse.load()
    texts: list[Any] = [text for _, text in warehouse.rows("OBJECTID, STATUS")]
    assert texts == HOSTILE_TEXT


def test_half_a_character_does_not_stop_a_load(layer: Layer, warehouse: Warehouse) -> None:
    layer.rows[0]["attributes"]["Status"] = "cut \ud83d"
    warehouse.load()
    assert warehouse.rows("OBJECTID, STATUS")[0] == (1, "cut \ufffd")


def test_every_declared_field_is_a_column(warehouse: Warehouse) -> None:
    warehouse.load()
    names = {name for name, _ in columns(warehouse)}
    ours = {"GEOMETRY", "_LOADED_AT", "_SOURCE_EDITED_AT", "_LOAD_ID"}
    assert names == {name.upper() for name in FIELDS} | ours
