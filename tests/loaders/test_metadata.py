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
    [
        *((1, 1), (5000, 5000), (2**31 - 1, 2**31 - 1), ("2000", 2000), (2000.0, 2000)),
        *((0, 1000), (-1, 1000), (2**31, 1000), (2**70, 1000), (float("inf"), 1000)),
        *(("many", 1000), ("", 1000), (1.5, 1000), (True, 1000), ([5], 1000), ({}, 1000)),
    ],
)
def test_a_cap_that_is_not_a_number_of_rows_is_esris_default_and_noted(
    declared: object, cap: int
) -> None:
    found = parse(maxRecordCount=declared)

    assert found.page_cap == cap
    assert found.notes == (
        ()
        if cap != 1000
        else (
            f"the layer's `maxRecordCount` is {declared!r}, not a whole number above 0; it was "
            "not used",
        )
    )


def test_a_layer_need_not_declare_what_only_helps_to_read_it() -> None:
    found = parse_metadata("epa", URL, {"fields": FIELDS})

    assert found == LayerInfo(
        source="epa",
        url=URL,
        columns=parse().columns,
        object_id="OBJECTID",
        geometry_type=None,
        page_cap=1000,
        can_page=False,
        edited_at=None,
    )
    assert found.can_order
    assert found.notes == ()


@pytest.mark.parametrize(
    ("advanced", "can_page"),
    [
        ({"supportsPagination": True}, True),
        ({"supportsPagination": True, "supportsOrderBy": None}, True),
        ({"supportsPagination": True, "supportsOrderBy": False}, False),
        ({"supportsPagination": False, "supportsOrderBy": True}, False),
        ({"supportsPagination": "true", "supportsOrderBy": "True"}, True),
        ({"supportsPagination": 1}, True),
        ({"supportsPagination": "false"}, False),
        ({"supportsPagination": 0}, False),
        ({"supportsPagination": True, "supportsOrderBy": "false"}, False),
        ({"supportsOrderBy": True}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_layer_is_paged_if_it_declares_paging_and_does_not_deny_an_order(
    advanced: object, can_page: bool
) -> None:
    found = parse(advancedQueryCapabilities=advanced)

    assert found.can_page is can_page
    assert found.notes == ()


@pytest.mark.parametrize(
    ("advanced", "can_order"),
    [
        ({"supportsOrderBy": False}, False),
        ({"supportsOrderBy": "FALSE"}, False),
        ({"supportsOrderBy": True, "supportsPagination": False}, True),
        ({"supportsOrderBy": "perhaps"}, True),
        ({}, True),
        (None, True),
    ],
)
def test_a_layer_can_order_its_rows_unless_it_says_that_it_cannot(
    advanced: object, can_order: bool
) -> None:
    assert parse(advancedQueryCapabilities=advanced).can_order is can_order


@pytest.mark.parametrize("value", ["x", [], {}, 2, 1.0, ["true"]])
@pytest.mark.parametrize("name", ["supportsPagination", "supportsOrderBy"])
def test_a_flag_that_is_neither_true_nor_false_is_not_used_and_noted(
    name: str, value: object
) -> None:
    found = parse(advancedQueryCapabilities={name: value})

    assert (found.can_page, found.can_order) == (False, True)
    assert found.notes == (
        f"the layer's `{name}` is {value!r}, not true or false; it was not used",
    )


@pytest.mark.parametrize("value", ["x", [1], 5, True, "", 0])
@pytest.mark.parametrize("name", ["advancedQueryCapabilities", "editingInfo"])
def test_a_declaration_that_is_not_an_object_is_not_used_and_noted(
    name: str, value: object
) -> None:
    found = parse(**{name: value})

    assert found.can_page is (name != "advancedQueryCapabilities")
    assert (found.edited_at is None) is (name == "editingInfo")
    assert found.notes == (f"the layer's `{name}` is {value!r}, not an object; it was not used",)


@pytest.mark.parametrize(
    "capabilities", [None, "", "QUERY", "Map, Query,Data", ["Map", "Query"], []]
)
def test_a_layer_that_allows_queries_or_says_nothing_is_read(capabilities: object) -> None:
    found = parse(capabilities=capabilities)

    assert (found.object_id, found.notes) == ("OBJECTID", ())


@pytest.mark.parametrize("capabilities", [5, True, {"Query": 1}, [None], [["Query"]]])
def test_capabilities_that_are_not_words_are_not_used_and_noted(capabilities: object) -> None:
    assert parse(capabilities=capabilities).notes == (
        f"the layer's `capabilities` is {capabilities!r}, not a list of words; it was not used",
    )


@pytest.mark.parametrize("kind", [None, ""])
def test_a_table_has_no_shapes(kind: object) -> None:
    assert parse(geometryType=kind).geometry_type is None
    assert parse(geometryType=kind, type="Table").geometry_type is None


@pytest.mark.parametrize(
    ("declared", "fields", "found"),
    [
        ("objectid", FIELDS, "OBJECTID"),
        ("", FIELDS, "OBJECTID"),
        (None, FIELDS, "OBJECTID"),
        ("elsewhere", FIELDS, "OBJECTID"),
        ("Status", FIELDS, "Status"),
        ("Shape", FIELDS, "OBJECTID"),
        (5, FIELDS, "OBJECTID"),
        (True, FIELDS, "OBJECTID"),
        ([], FIELDS, "OBJECTID"),
        ({"name": "Status"}, FIELDS, "OBJECTID"),
        ("Fid", [{"name": "FID", "type": "esriFieldTypeInteger"}, *FIELDS], "FID"),
        ("id", [{"name": name, "type": "esriFieldTypeOID"} for name in ("ID", "id")], "id"),
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
    "a group of layers": (
        {"type": "Group Layer", "fields": [], "subLayers": [{"id": 1}]},
        PermanentError,
        "the address is a group of layers, which has no rows of its own; use the address of one "
        "of its layers",
    ),
    "an image service": (
        answer(capabilities="Image,Metadata,Catalog", serviceDataType="esriImageService"),
        PermanentError,
        "the layer does not allow queries, only Image,Metadata,Catalog",
    ),
    "other queries": (
        answer(capabilities="QueryAttachments"),
        PermanentError,
        "the layer does not allow queries, only QueryAttachments",
    ),
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
    "shapes of no name": (
        answer(geometryType=["esriGeometryPoint"]),
        SchemaError,
        "shapes of type ['esriGeometryPoint'] are not supported",
    ),
    "shapes in an empty list": (
        answer(geometryType=[]),
        SchemaError,
        "shapes of type [] are not supported",
    ),
    "shapes of type false": (
        answer(geometryType=False),
        SchemaError,
        "shapes of type False are not supported",
    ),
    "shapes of no type": (
        answer(geometryType=None, type="Feature Layer"),
        SchemaError,
        "a layer with shapes declares no `geometryType`",
    ),
    "shapes of an empty type": (
        answer(geometryType="", type="Feature Layer"),
        SchemaError,
        "a layer with shapes declares no `geometryType`",
    ),
    "an unknown field": (
        answer(fields=[*FIELDS, {"name": "New", "type": "esriFieldTypeNew"}]),
        SchemaError,
        "the field 'New' has the unknown type 'esriFieldTypeNew'",
    ),
    "a field of no type": (
        answer(fields=[*FIELDS, {"name": "New"}]),
        SchemaError,
        "the field 'New' has the unknown type None",
    ),
    "a field with a list as its type": (
        answer(fields=[*FIELDS, {"name": "New", "type": ["esriFieldTypeOID"]}]),
        SchemaError,
        "the field 'New' has the unknown type ['esriFieldTypeOID']",
    ),
    "a field that is null": (
        answer(fields=[FIELDS[0], None]),
        SchemaError,
        "`fields[1]` is None, which is not a field",
    ),
    "a field that is text": (
        answer(fields=["OBJECTID", *FIELDS]),
        SchemaError,
        "`fields[0]` is 'OBJECTID', which is not a field",
    ),
    "a field without a name": (
        answer(fields=[*FIELDS, {"type": "esriFieldTypeString"}]),
        SchemaError,
        "`fields[6]` has the name None, which is not text",
    ),
    "a field with a number as its name": (
        answer(fields=[*FIELDS, {"name": 7, "type": "esriFieldTypeString"}]),
        SchemaError,
        "`fields[6]` has the name 7, which is not text",
    ),
    "a field with an empty name": (
        answer(fields=[*FIELDS, {"name": "", "type": "esriFieldTypeString"}]),
        SchemaError,
        "`fields[6]` has the name '', which is not text",
    ),
    "a field with half a character in its name": (
        answer(fields=[*FIELDS, {"name": "a\ud800", "type": "esriFieldTypeString"}]),
        SchemaError,
        "`fields[6]` has the name 'a\\ud800', which is not text",
    ),
    "two fields of one name": (
        answer(fields=[*FIELDS, {"name": "Status", "type": "esriFieldTypeDate"}]),
        SchemaError,
        "2 fields have the name 'Status'",
    ),
    "no object id": (
        answer(fields=FIELDS[1:], objectIdField=None),
        SchemaError,
        "the layer has no object-id field to read it by",
    ),
    "a shape as the object id": (
        answer(fields=FIELDS[1:], objectIdField="Shape"),
        SchemaError,
        "the layer has no object-id field to read it by",
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


def test_a_message_quotes_little_of_what_the_service_says() -> None:
    deep: Any = []
    for _ in range(1000):
        deep = [deep]
    for value in (deep, "x" * 10**6, {"a" * 10**6: deep}):
        for refused in ({"fields": [value]}, {"geometryType": value}):
            with pytest.raises(SchemaError) as failure:
                parse(**refused)
            assert len(failure.value.reason) < 150
        noted = [
            parse(maxRecordCount=value),
            parse(editingInfo={"lastEditDate": value}),
            parse(advancedQueryCapabilities={"supportsPagination": value}),
        ]
        assert all(len(note) < 200 for info in noted for note in info.notes)
        assert [len(info.notes) for info in noted] == [1, 1, 1]
    with pytest.raises(PermanentError) as no_queries:
        parse(capabilities="x" * 10**6)
    assert len(no_queries.value.reason) < 150


def edited(declared: object) -> datetime | None:
    """The last edit, which is the same alone and with the rest of the metadata."""
    info = parse(editingInfo={"lastEditDate": declared})
    found = parse_edit_date("epa", URL, answer(editingInfo={"lastEditDate": declared}))
    assert found == info.edited_at
    assert info.notes == (
        ()
        if found or declared is None
        else (f"the layer's `lastEditDate` is {declared!r}, not a time; it was not used",)
    )
    return found


def test_the_last_edit_is_a_time_in_utc_or_none() -> None:
    assert edited(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert edited(EARLIEST) == datetime(1, 1, 1, tzinfo=UTC)
    assert edited(LATEST) == datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert edited(None) is None
    assert parse_edit_date("epa", URL, answer(editingInfo=None)) is None
    assert parse_edit_date("epa", URL, answer(editingInfo={})) is None


@pytest.mark.parametrize(
    "declared",
    [
        *(1_755_793_623_120, 1_755_793_623_120.0, "1755793623120"),
        *("2025-08-21T16:27:03.120Z", "2025-08-21T09:27:03.120-07:00"),
    ],
)
def test_the_last_edit_may_be_a_float_or_text(declared: object) -> None:
    assert edited(declared) == datetime(2025, 8, 21, 16, 27, 3, 120_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "declared",
    [
        *(EARLIEST - 1, LATEST + 1, 1.5, 1e300, float("inf"), float("nan"), 2**70),
        *("today", "", True, False, [], [1], {}, {"a": 1}),
    ],
)
def test_a_layer_whose_last_edit_is_not_a_time_is_read_as_one_that_declares_none(
    declared: object,
) -> None:
    assert edited(declared) is None


@pytest.mark.parametrize("given", [None, [], "x", 3])
def test_metadata_that_are_not_an_object_have_no_last_edit(given: object) -> None:
    with pytest.raises(PermanentError) as failure:
        parse_edit_date("epa", URL, given)

    reason = f"the layer's metadata are not an object but {given!r}"
    assert str(failure.value) == f"epa: {reason}. Request: {URL}."
