"""A page of features: its rows, its notes, and the answers that are no page."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from include.loaders import SchemaError
from include.loaders.arcgis.features import FeatureReader, Page, join_pages
from include.loaders.arcgis.metadata import parse_metadata
from include.loaders.report import Notes

URL = "https://x/0"
RING = [[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]
TIE = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]


def reader(notes: Notes, *required: str, **metadata: Any) -> FeatureReader:
    """A reader of a layer with an object id, a text and a number."""
    info = parse_metadata(
        "epa",
        URL,
        {
            "fields": [
                {"name": "OBJECTID", "type": "esriFieldTypeOID"},
                {"name": "Status", "type": "esriFieldTypeString"},
                {"name": "Units", "type": "esriFieldTypeInteger"},
            ],
            "geometryType": "esriGeometryPolygon",
        }
        | metadata,
    )
    return FeatureReader(info, required, notes)


def feature(number: object, geometry: Any = None, **attributes: Any) -> dict[str, Any]:
    values = {"OBJECTID": number, "Status": f"status {number}", "Units": 5}
    return {"attributes": values | attributes, "geometry": geometry}


def page(*numbers: int) -> Page:
    """A page of rows with these ids."""
    geometries = [{"rings": [[[n, 0], [n, 1], [n + 1, 0]]]} for n in numbers]
    features = [feature(n, geometry) for n, geometry in zip(numbers, geometries, strict=True)]
    return reader(Notes()).read({"features": features})


def check_rows(found: Page, numbers: list[int]) -> None:
    """The parts of a page belong together: each row has its own id, values and shape."""
    rows = found.batch.to_pylist()
    assert found.ids.tolist() == [row["OBJECTID"] for row in rows] == numbers
    assert [row["Status"] for row in rows] == [f"status {n}" for n in numbers]
    assert found.bounds[:, 0].tolist() == numbers
    assert found.kinds.tolist() == [3] * len(numbers)


def test_a_page_has_the_declared_columns_and_the_shapes() -> None:
    notes = Notes()
    reading = reader(notes)
    found = reading.read({"features": [feature(2, {"rings": [RING]}), feature(1)]})

    assert found.ids.tolist() == [2, 1]
    assert found.batch.schema.equals(reading.schema)
    assert [(field.name, str(field.type)) for field in reading.schema] == [
        ("OBJECTID", "int64"),
        ("Status", "string"),
        ("Units", "int64"),
        ("GEOMETRY", "binary"),
    ]
    [first, second] = found.batch.to_pylist()
    shape = shapely.from_wkb(first.pop("GEOMETRY"))
    assert shape.equals(shapely.box(0, 0, 2, 2))
    assert first == {"OBJECTID": 2, "Status": "status 2", "Units": 5}
    assert second == {"OBJECTID": 1, "Status": "status 1", "Units": 5, "GEOMETRY": None}
    assert found.kinds.tolist() == [3, -1]
    assert found.bounds[0].tolist() == [0, 0, 2, 2]
    assert notes.sentences() == ()


def test_a_page_without_rows_is_a_page() -> None:
    found = reader(Notes()).read({"features": []})

    assert (len(found.ids), found.batch.num_rows) == (0, 0)


def test_the_layers_coordinate_system_is_used() -> None:
    ring = [[x * 111_319.49, y * 111_325.14] for x, y in RING]
    answer = {"features": [feature(1, {"rings": [ring]})], "spatialReference": {"wkid": 3857}}

    assert reader(Notes()).read(answer).bounds[0] == pytest.approx([0, 0, 2, 2], abs=0.001)


def test_a_tables_shapes_are_not_read() -> None:
    table = reader(Notes(), geometryType=None)

    found = table.read({"features": [feature(1, {"curveRings": [1]}), feature(2)]})

    assert found.batch["GEOMETRY"].to_pylist() == [None, None]


def test_oddities_are_noted_once_each_with_their_number() -> None:
    notes = Notes()
    features = [
        feature(1, {"rings": [TIE]}, Extra=1),
        feature(2, {"rings": [[[0, 0], [1, 1]]]}),
        feature(3, {"rings": [TIE]}, Other=2),
    ]
    for position in (0, 2):
        del features[position]["attributes"]["Status"]

    found = reader(notes).read({"features": features})

    assert found.batch["Status"].to_pylist() == [None, "status 2", None]
    assert notes.sentences() == (
        "invalid shapes that were repaired: 2",
        "rows without the field 'Status', which is null there: 2",
        "shapes without usable coordinates, which are null: 1",
        "the undeclared field 'Extra' was not read",
        "the undeclared field 'Other' was not read",
    )


def test_fields_are_matched_whatever_their_case() -> None:
    row = {"objectid": 7, "STATUS": "x", "units": None}

    found = reader(Notes(), "Status").read({"features": [{"attributes": row}]})

    assert found.batch.drop_columns(["GEOMETRY"]).to_pylist() == [
        {"OBJECTID": 7, "Status": "x", "Units": None}
    ]


@pytest.mark.parametrize("name", ["Status", "STATUS", "status"])
def test_a_required_field_that_rows_lack_is_refused(name: str) -> None:
    features = [feature(number) for number in (4, 9, 6)]
    for position in (1, 2):
        del features[position]["attributes"]["Status"]

    with pytest.raises(SchemaError) as failure:
        reader(Notes(), name).read({"features": features})

    assert str(failure.value) == (
        "epa: the required field 'Status' is missing from 2 rows, first from OBJECTID=9. "
        f"Request: {URL}."
    )


@pytest.mark.parametrize(
    ("answer", "given"),
    [
        ({"count": 3}, "{'count': 3}"),
        ({"features": {"a": 1}}, "{'features': {'a': 1}}"),
        (["x"], "['x']"),
        ("y" * 100, "'" + "y" * 79),
    ],
)
def test_an_answer_without_features_is_refused(answer: Any, given: str) -> None:
    with pytest.raises(SchemaError) as failure:
        reader(Notes()).read(answer)

    reason = f"the answer has no list of features: {given}"
    assert str(failure.value) == f"epa: {reason}. Request: {URL}."


BAD_ROWS: dict[str, tuple[Any, str]] = {
    "no attributes": ({}, "is {}"),
    "null": (None, "is None"),
    "text": ("x", "is 'x'"),
    "a list": ([{"OBJECTID": 2}], "is [{'OBJECTID': 2}]"),
    "null as attributes": ({"attributes": None}, "is {'attributes': None}"),
    "a list as attributes": ({"attributes": [1, 2]}, "is {'attributes': [1, 2]}"),
    "text as attributes": ({"attributes": "OBJECTID"}, "is {'attributes': 'OBJECTID'}"),
    "no id": ({"attributes": {}}, "has None"),
    "a null id": (feature(None), "has None"),
    "true as the id": (feature(True), "has True"),
    "a fraction": (feature(1.5), "has 1.5"),
    "infinity": (feature(float("inf")), "has inf"),
    "not a number": (feature(float("nan")), "has nan"),
    "text that is not a number": (feature("x"), "has 'x'"),
    "empty text": (feature(""), "has ''"),
    "a list as the id": (feature([2]), "has [2]"),
    "an object as the id": (feature({"a": 2}), "has {'a': 2}"),
    "more than 64 bits": (feature(2**70), f"has {2**70}"),
    "more than 64 bits as text": (feature(str(2**63)), f"has '{2**63}'"),
}


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_feature_without_an_id_is_refused(row: Any, reason: str) -> None:
    with pytest.raises(SchemaError) as failure:
        reader(Notes()).read({"features": [feature(1), row]})

    assert str(failure.value) == (
        f"epa: a feature has no whole number in OBJECTID (feature 2 of the answer {reason}). "
        f"Request: {URL}."
    )


@pytest.mark.parametrize("number", [12, 12.0, "12", " 12 ", "12.0", 2**53, -1, 0])
def test_an_id_may_be_a_whole_float_or_text(number: Any) -> None:
    found = reader(Notes()).read({"features": [feature(number), feature(3)]})

    assert found.ids.tolist() == found.batch["OBJECTID"].to_pylist() == [int(float(number)), 3]


def test_a_message_quotes_little_of_a_feature() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    for row in ({"attributes": deep}, "x" * 10**6, feature(deep), feature("x" * 10**6)):
        with pytest.raises(SchemaError) as failure:
            reader(Notes()).read({"features": [row]})
        assert len(failure.value.reason) < 200


@pytest.mark.parametrize(
    ("declared", "more"),
    [
        *((True, True), ("true", True), ("TRUE", True), (1, True)),
        *((False, False), ("false", False), (0, False)),
        *((None, None), ("", None), ("x", None), ([], None), ({}, None), (2, None), (0.5, None)),
    ],
)
def test_a_page_says_whether_rows_were_left_out_if_the_answer_does(
    declared: object, more: bool | None
) -> None:
    found = reader(Notes()).read({"features": [], "exceededTransferLimit": declared})

    assert found.more is more
    assert reader(Notes()).read({"features": []}).more is None


def test_a_field_that_no_row_has_is_null_and_noted() -> None:
    notes = Notes()
    features = [feature(1), feature(2)]
    for row in features:
        del row["attributes"]["Units"]

    found = reader(notes).read({"features": features})

    assert found.batch["Units"].to_pylist() == [None, None]
    assert notes.sentences() == (
        "rows of answers without any shape: 2",
        "rows without the field 'Units', which is null there: 2",
    )


def test_quantized_coordinates_are_not_taken_for_degrees() -> None:
    answer = {"features": [feature(1)], "transform": {"scale": [0.001, 0.001]}}

    with pytest.raises(SchemaError, match="quantized coordinates"):
        reader(Notes()).read(answer)


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ("STATUS", "the rows spell the field 'Status' in several ways"),
        ("Status", "the fields 'Status' and 'status' are one column"),
    ],
)
def test_rows_that_spell_a_field_in_several_ways_are_refused(first: str, reason: str) -> None:
    rows = [{"OBJECTID": 1, first: "x"}, {"OBJECTID": 2, "status": "x"}]

    with pytest.raises(SchemaError) as failure:
        reader(Notes()).read({"features": [{"attributes": row} for row in rows]})

    assert str(failure.value).startswith(f"epa: {reason}")


def test_ids_that_repeat_are_kept_for_the_reader_to_find() -> None:
    found = reader(Notes()).read({"features": [feature(2), feature(1), feature(2)]})

    assert found.in_id_order().ids.tolist() == [1, 2, 2]


def test_values_and_shapes_that_do_not_fit_name_their_row() -> None:
    def refused(row: dict[str, Any], **answer: Any) -> str:
        with pytest.raises(SchemaError) as failure:
            reader(Notes()).read({"features": [feature(1), row], **answer})
        return str(failure.value)

    assert refused(feature(8, Units="many")).startswith(
        "epa: row OBJECTID=8: the field 'Units' is declared as integer and holds 'many'"
    )
    assert refused(feature(8, {"rings": [[[1], [2]]]})) == (
        "epa: row OBJECTID=8: bad geometry: a vertex has fewer than two ordinates."
    )
    assert refused(feature(8, {"rings": [RING]}), spatialReference={"wkid": 999999}).startswith(
        "epa: bad geometry: unknown spatial reference 999999"
    )


def test_pages_are_joined_in_the_order_of_the_ids() -> None:
    check_rows(join_pages([page(5, 3), page(9, 1)]), [1, 3, 5, 9])
    check_rows(join_pages([page(5, 3)]), [3, 5])
    in_order = page(1, 2)
    assert join_pages([in_order]) is in_order


def test_only_the_wanted_rows_of_a_page_are_kept() -> None:
    whole = page(1, 2, 3)

    check_rows(whole.only(np.array([3, 1, 8])), [1, 3])
    assert whole.only(np.array([1, 2, 3])) is whole


def test_a_page_made_of_others_says_what_the_last_one_says() -> None:
    first, last = replace(page(3, 1), more=True), replace(page(4, 2), more=False)

    assert join_pages([first, last]).more is False
    assert join_pages([last, first]).more is True
    assert join_pages([first]).more is True
    assert first.only(np.array([1])).more is True


def test_pages_without_rows_are_joined() -> None:
    empty = reader(Notes()).read({"features": []})

    assert join_pages([empty, empty]).batch.equals(empty.batch)
    check_rows(join_pages([empty, page(2, 1), empty]), [1, 2])
