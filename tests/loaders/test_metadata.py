"""A layer's metadata: what is read of it, what is assumed, and which layers are refused."""

from datetime import UTC, datetime
from typing import Any

import pytest

from include.loaders import PermanentError, SchemaError
from include.loaders.arcgis.metadata import FIELD_TYPES, LayerInfo, parse_edit_date, parse_metadata
from include.loaders.columns import EARLIEST, LATEST, Column

URL = "https://x/FeatureServer/0"
FIELDS = [
    {"name": "OBJECTID", "type": "esriFieldTypeOID"},
    {"name": "Status", "type": "esriFieldTypeString"},
    {"name": "Shape", "type": "esriFieldTypeGeometry"},
    {"name": "Photo", "type": "esriFieldTypeBlob"},
    {"name": "Map", "type": "esriFieldTypeRaster"},
    {"name": "Inspected", "type": "esriFieldTypeDate"},
]


def answer(**changed: Any) -> dict[str, Any]:
    """A well-declared layer's metadata, with changes."""
    return {
        "fields": FIELDS,
        "geometryType": "esriGeometryPolygon",
        "objectIdField": "OBJECTID",
        "maxRecordCount": 2000,
        "capabilities": "Create,Query",
        "advancedQueryCapabilities": {"supportsPagination": True, "supportsOrderBy": True},
        "editingInfo": {"lastEditDate": 1_755_793_623_120},
    } | changed


def parse(**changed: Any) -> LayerInfo:
    return parse_metadata("epa", URL, answer(**changed))


def test_a_layers_declaration_is_read() -> None:
    assert parse() == LayerInfo(
        source="epa",
        url=URL,
        columns=(
            Column("OBJECTID", "integer"),
            Column("Status", "text"),
            Column("Inspected", "timestamp"),
        ),
        object_id="OBJECTID",
        geometry_type="esriGeometryPolygon",
        page_cap=2000,
        can_page=True,
        edited_at=datetime(2025, 8, 21, 16, 27, 3, 120_000, tzinfo=UTC),
        count=None,
    )


def test_each_of_esris_types_has_one_of_ours() -> None:
    assert {name.removeprefix("esriFieldType"): kind for name, kind in FIELD_TYPES.items()} == {
        "OID": "integer",
        "SmallInteger": "integer",
        "Integer": "integer",
        "BigInteger": "integer",
        "Single": "number",
        "Double": "number",
        "String": "text",
        "GUID": "text",
        "GlobalID": "text",
        "XML": "text",
        "TimeOnly": "text",
        "Date": "timestamp",
        "TimestampOffset": "timestamp",
        "DateOnly": "date",
    }


@pytest.mark.parametrize(
    ("declared", "cap"),
    [(1, 1), (0, 1000), (-1, 1000), (None, 1000), ("many", 1000), (5000, 5000)],
)
def test_a_cap_that_is_no_number_of_rows_is_esris_default(declared: object, cap: int) -> None:
    assert parse(maxRecordCount=declared).page_cap == cap


@pytest.mark.parametrize(
    ("advanced", "can_page"),
    [
        ({"supportsPagination": True}, True),
        ({"supportsPagination": True, "supportsOrderBy": None}, True),
        ({"supportsPagination": True, "supportsOrderBy": False}, False),
        ({"supportsPagination": False, "supportsOrderBy": True}, False),
        ({"supportsOrderBy": True}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_layer_is_paged_if_it_declares_paging_and_does_not_deny_an_order(
    advanced: object, can_page: bool
) -> None:
    assert parse(advancedQueryCapabilities=advanced).can_page is can_page


@pytest.mark.parametrize("capabilities", [None, "", "QUERY", "Map,Query,Data"])
def test_a_layer_that_allows_queries_or_says_nothing_is_read(capabilities: object) -> None:
    assert parse(capabilities=capabilities).object_id == "OBJECTID"


@pytest.mark.parametrize("kind", [None, ""])
def test_a_table_has_no_shapes(kind: object) -> None:
    assert parse(geometryType=kind).geometry_type is None


@pytest.mark.parametrize(
    ("declared", "fields", "found"),
    [
        ("objectid", FIELDS, "OBJECTID"),
        ("", FIELDS, "OBJECTID"),
        (None, FIELDS, "OBJECTID"),
        ("elsewhere", FIELDS, "OBJECTID"),
        ("Status", FIELDS, "Status"),
        (None, [{"name": "None", "type": "esriFieldTypeString"}, *FIELDS], "OBJECTID"),
        (None, [FIELDS[1], {"name": "FID", "type": "esriFieldTypeOID"}, FIELDS[0]], "FID"),
    ],
)
def test_the_object_id_is_the_declared_field_or_the_first_of_its_type(
    declared: object, fields: list[Any], found: str
) -> None:
    assert parse(objectIdField=declared, fields=fields).object_id == found


NOT_A_LAYER = (
    "the address is not an ArcGIS layer: its answer has no `fields`; a layer's own address ends "
    "in a number"
)
REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "no object": ([], PermanentError, NOT_A_LAYER),
    "no fields": ({"layers": []}, PermanentError, NOT_A_LAYER),
    "empty fields": (answer(fields=[]), PermanentError, NOT_A_LAYER),
    "fields by name": (answer(fields={"a": 1}), PermanentError, NOT_A_LAYER),
    "no queries": (
        answer(capabilities="Map,Data"),
        PermanentError,
        "the layer does not allow queries, only Map,Data",
    ),
    "unknown shapes": (
        answer(geometryType="esriGeometryMultiPatch"),
        SchemaError,
        "shapes of type esriGeometryMultiPatch are not supported",
    ),
    "an unknown field": (
        answer(fields=[*FIELDS, {"name": "New", "type": "esriFieldTypeNew"}]),
        SchemaError,
        "the field 'New' has the unknown type 'esriFieldTypeNew'",
    ),
    "no object id": (
        answer(fields=FIELDS[1:], objectIdField=None),
        SchemaError,
        "the layer has no object-id field to read it by",
    ),
    "an edit as text": (
        answer(editingInfo={"lastEditDate": "today"}),
        SchemaError,
        "lastEditDate is 'today', which is not a time",
    ),
}


@pytest.mark.parametrize(("given", "kind", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_layer_that_cannot_be_read_is_refused_with_its_address(
    given: Any, kind: type[Exception], reason: str
) -> None:
    with pytest.raises(kind) as failure:
        parse_metadata("epa", URL, given)

    assert type(failure.value) is kind
    assert str(failure.value) == f"epa: {reason}. Request: {URL}."


def edited(milliseconds: object) -> datetime | None:
    return parse_edit_date("epa", URL, answer(editingInfo={"lastEditDate": milliseconds}))


def test_the_last_edit_is_a_time_in_utc_or_none() -> None:
    assert edited(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert edited(EARLIEST) == datetime(1, 1, 1, tzinfo=UTC)
    assert edited(LATEST) == datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert edited(None) is None
    assert parse_edit_date("epa", URL, answer(editingInfo=None)) is None
    assert parse_edit_date("epa", URL, answer(editingInfo={})) is None


@pytest.mark.parametrize("milliseconds", [EARLIEST - 1, LATEST + 1, 1.5])
def test_an_edit_beyond_the_calendar_is_refused(milliseconds: object) -> None:
    with pytest.raises(SchemaError, match=f"^epa: lastEditDate is {milliseconds}, which is not"):
        edited(milliseconds)
