"""Fields that are added, removed or changed; values that do not fit their fields."""

import pytest

from include.loaders import SchemaError
from tests.loaders.layer import FIELDS, Layer
from tests.loaders.warehouse import Warehouse


def test_types_are_the_declared_ones_whatever_the_values(
    layer: Layer, warehouse: Warehouse
) -> None:
    layer.set_all("Zip", "esriFieldTypeString", 91101)
    layer.set_all("Empty", "esriFieldTypeDate")
    layer.set_all("Serial", "esriFieldTypeBigInteger", 900_000_000_007)
    layer.set_all("Day", "esriFieldTypeDateOnly", "2025-01-07")
    layer.set_all("Typed", "esriFieldTypeString", "2025-01-07T10:00:00Z")
    layer.set_all("Whole", "esriFieldTypeInteger", 5.0)
    layer.set_all("Iso", "esriFieldTypeDate", "2025-01-07T02:00:00-08:00")
    layer.set_all("Digits", "esriFieldTypeDate", "20250107")
    layer.set_all("Midnight", "esriFieldTypeDateOnly", "2025-01-07T00:00:00")
    layer.set_all("Exact", "esriFieldTypeBigInteger", "9007199254740993.0")
    layer.rows = layer.rows[:1]
    warehouse.load()
    [(zip_code, empty, serial, day, typed, whole, iso, digits, midnight, exact)] = warehouse.rows(
        "ZIP, EMPTY, SERIAL, DAY, TYPED, WHOLE, ISO, DIGITS, MIDNIGHT, EXACT"
    )
    assert (zip_code, empty, serial, typed, whole) == (
        "91101",
        None,
        900_000_000_007,
        "2025-01-07T10:00:00Z",
        5,
    )
    assert day.isoformat() == "2025-01-07"
    assert iso.isoformat() == "2025-01-07T10:00:00"
    assert digits.isoformat() == "2025-01-07T00:00:00"
    assert (midnight, exact) == (day, 9_007_199_254_740_993)
    assert ("EMPTY", "TIMESTAMP_NTZ") in warehouse.columns()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("Inspected", 99_999_999_999_999_999, ["'Inspected'", "OBJECTID=3", "99999999999999999"]),
        ("Inspected", "yesterday", ["'Inspected'", "OBJECTID=3", "yesterday"]),
        ("Inspected", "2025", ["'Inspected'", "OBJECTID=3", "neither milliseconds"]),
        ("Units", 9007199254740993.0, ["'Units'", "OBJECTID=3", "lost digits"]),
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
    layer.set_all("Inspector", "esriFieldTypeString", "R. Diaz")
    assert warehouse.load().notes == ("the column INSPECTOR is new",)
    assert set(warehouse.rows("INSPECTOR")) == {("R. Diaz",)}


def test_a_removed_field_is_null_and_reported(layer: Layer, warehouse: Warehouse) -> None:
    warehouse.load()
    del layer.fields["Acres"]
    notes = warehouse.load().notes
    assert "the column ACRES is no longer in the source and is null" in notes
    assert set(warehouse.rows("ACRES")) == {(None,)}


def test_a_removed_required_field_fails_by_name(layer: Layer, warehouse: Warehouse) -> None:
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
def test_a_field_whose_spelling_changes_stays_the_same_column(
    layer: Layer, warehouse: Warehouse, before: str, after: str
) -> None:
    layer.fields.pop("Status")
    for feature in layer.rows:
        feature["attributes"].pop("Status")
    layer.set_all(before, "esriFieldTypeString", "old")
    warehouse.load()
    existing = warehouse.columns()
    layer.fields.pop(before)
    layer.set_all(after, "esriFieldTypeString", "new")
    for feature in layer.rows:
        feature["attributes"].pop(before)
    assert warehouse.load().notes == ()
    assert warehouse.columns() == existing


def test_every_declared_field_is_a_column(warehouse: Warehouse) -> None:
    warehouse.load()
    names = {name for name, _ in warehouse.columns()}
    added = {"GEOMETRY", "_LOADED_AT", "_SOURCE_EDITED_AT", "_LOAD_ID"}
    assert names == {name.upper() for name in FIELDS} | added
