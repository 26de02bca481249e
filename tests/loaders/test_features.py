"""A page of features: its rows, its notes, and the answers that are no page."""

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


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"attributes": {}},
        {"attributes": [1, 2]},
        feature(None),
        feature("x"),
        feature(2**70),
    ],
    ids=["no attributes", "no id", "a list", "null", "text", "too large"],
)
def test_a_feature_without_an_id_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(SchemaError) as failure:
        reader(Notes()).read({"features": [feature(1), row]})

    assert failure.value.reason.startswith("a feature has no whole number in OBJECTID (")
    assert failure.value.request == URL
    assert failure.value.source == "epa"


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
