"""Rows, values and shapes that other readers of ArcGIS layers have met."""

from pathlib import Path
from typing import Any

import pytest

from include.loaders import SchemaError
from tests.loaders.exported import exported, ids
from tests.loaders.layer import Layer, row
from tests.loaders.service import Service

pytestmark = pytest.mark.usefixtures("few_roots")

SHAPES: dict[str, dict[str, Any]] = {
    "esriGeometryPoint": {"x": -118.0, "y": 34.0},
    "esriGeometryMultipoint": {"points": [[-118.0, 34.0]]},
    "esriGeometryPolyline": {"paths": [[[-118.0, 34.0], [-117.0, 35.0]]]},
    "esriGeometryPolygon": {"rings": [[[-118.0, 34.0], [-118.0, 35.0], [-117.0, 34.0]]]},
}
# Beside these, a row may lack its geometry.
NO_SHAPES: list[dict[str, Any] | None] = [
    None,
    {},
    {"spatialReference": {"wkid": 4326}, "hasZ": False},
    {"x": None, "y": None},
    {"x": "NaN", "y": "NaN"},
    {"points": []},
    {"paths": []},
    {"rings": []},
]


@pytest.mark.parametrize("kind", SHAPES)
def test_each_way_to_have_no_shape_is_a_null_in_its_own_row(
    layer: Layer, service: Service, tmp_path: Path, kind: str
) -> None:
    layer.metadata = {"geometryType": kind}
    layer.rows = [row(number) for number in range(1, len(NO_SHAPES) + 3)]
    for feature, shape in zip(layer.rows, [SHAPES[kind], *NO_SHAPES], strict=False):
        feature["geometry"] = shape
    del layer.rows[-1]["geometry"]

    table = exported(service.url, tmp_path)

    assert ids(table) == list(range(1, len(NO_SHAPES) + 3))
    has_shape = [shape is not None for shape in table["geometry"].to_pylist()]
    assert has_shape == [True, *[False] * (len(NO_SHAPES) + 1)]


def test_the_codes_of_a_domain_are_kept(layer: Layer, service: Service, tmp_path: Path) -> None:
    layer.set_all("Code", "esriFieldTypeInteger", 7)
    layer.metadata = {
        "fields": [
            {**field, "domain": {"type": "codedValue", "codedValues": [{"name": "x", "code": 7}]}}
            for field in layer.describe()["fields"]
        ]
    }

    assert set(exported(service.url, tmp_path)["Code"].to_pylist()) == {7}


def test_an_empty_layer_is_a_file_with_its_columns(
    layer: Layer, service: Service, tmp_path: Path
) -> None:
    layer.rows = []

    table = exported(service.url, tmp_path)

    assert table.num_rows == 0
    assert table.column_names == [*layer.fields, "geometry"]


def test_a_table_is_asked_for_no_shapes(layer: Layer, service: Service, tmp_path: Path) -> None:
    layer.metadata = {"geometryType": None, "type": "Table"}
    for feature in layer.rows:
        del feature["geometry"]

    table = exported(service.url, tmp_path)

    assert ids(table) == list(range(1, 11))
    assert table["geometry"].null_count == 10
    assert {request.query["returnGeometry"] for request in service.pages()} == {"false"}


def test_a_field_that_appears_between_two_pages_changes_no_other(
    layer: Layer, service: Service, tmp_path: Path
) -> None:
    before = exported(service.url, tmp_path)
    for feature in layer.rows[5:]:
        feature["attributes"] = {"New": "x", **feature["attributes"]}

    assert exported(service.url, tmp_path) == before


def test_curves_are_not_requested_and_refused_with_their_row(
    layer: Layer, service: Service, tmp_path: Path
) -> None:
    layer.rows[2]["geometry"]["curveRings"] = [[[0, 0], {"c": [[3, 3], [1, 4]]}]]

    with pytest.raises(SchemaError, match=r"row OBJECTID=3: .*curves"):
        exported(service.url, tmp_path)
    assert {request.query["returnTrueCurves"] for request in service.pages()} == {"false"}
