"""Names and values that look like SQL, formats or comments: they are loaded as they are."""

from typing import Any

import pytest

from include.loaders import SchemaError
from tests.loaders.layer import Layer, row
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
    "it's",
    "back\\slash \\N",
    "\U0001f525 fire",
    "-- /* comment",
    "$1",
    ":name",
    "?",
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


def test_hostile_names_become_columns(layer: Layer, warehouse: Warehouse) -> None:
    for number, name in enumerate(HOSTILE_NAMES):
        layer.set_all(name, "esriFieldTypeString", f"value {number}")
    warehouse.load()
    warehouse.load()
    columns = warehouse.columns()
    for number, name in enumerate(HOSTILE_NAMES):
        assert (name.upper(), "TEXT") in columns
        column = '"' + name.upper().replace('"', '""') + '"'
        assert set(warehouse.rows(column)) == {(f"value {number}",)}, name


@pytest.mark.parametrize("name", ["line\nbreak", "x" * 256, "bell\x07", "_load_id", "geometry", ""])
def test_a_name_that_no_column_can_have_is_refused(
    layer: Layer, warehouse: Warehouse, name: str
) -> None:
    warehouse.load()
    layer.set_all(name, "esriFieldTypeString", "x")
    with pytest.raises(SchemaError, match="name"):
        warehouse.load()
    assert warehouse.load_ids() == {"run 001"}


def test_two_fields_with_the_same_column_are_refused(layer: Layer, warehouse: Warehouse) -> None:
    layer.set_all("STATUS", "esriFieldTypeString", "x")
    with pytest.raises(SchemaError, match="'Status' and 'STATUS' are one column"):
        warehouse.load()


def test_hostile_text_is_loaded_unchanged(layer: Layer, warehouse: Warehouse) -> None:
    layer.rows = [row(number) for number in range(1, len(HOSTILE_TEXT) + 1)]
    for feature, text in zip(layer.rows, HOSTILE_TEXT, strict=True):
        feature["attributes"]["Status"] = text
    warehouse.load()
    texts: list[Any] = [text for _, text in warehouse.rows("OBJECTID, STATUS")]
    assert texts == HOSTILE_TEXT


def test_half_a_character_does_not_stop_a_load(layer: Layer, warehouse: Warehouse) -> None:
    layer.rows[0]["attributes"]["Status"] = "cut \ud83d"
    warehouse.load()
    assert warehouse.rows("OBJECTID, STATUS")[0] == (1, "cut \ufffd")
