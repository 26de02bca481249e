"""Shapes as services send them, and the WKB in the table afterwards."""

from typing import Any

import pytest
import shapely

from include.loaders import SchemaError
from tests.loaders.layer import Layer, square
from tests.loaders.warehouse import Warehouse

NULLS = {
    "null": {"geometry": None},
    "absent": {},
    "an empty object": {"geometry": {}},
    "no rings": {"geometry": {"rings": []}},
    "null rings": {"geometry": {"rings": None}},
    "an empty ring": {"geometry": {"rings": [[]]}},
    "NaN for coordinates": {"geometry": {"rings": [[["NaN", "NaN"], ["NaN", "NaN"]]]}},
}


def loaded(warehouse: Warehouse) -> list[Any]:
    """The table's shapes, in the order of the object ids."""
    return [
        None if wkb is None else shapely.from_wkb(bytes(wkb))
        for _, wkb in warehouse.rows("OBJECTID, GEOMETRY")
    ]


def with_rings(layer: Layer, *rings: list[list[Any]], **more: object) -> None:
    """Make the layer one row with these rings."""
    layer.rows = layer.rows[:1]
    layer.rows[0]["geometry"] = {"rings": list(rings), **more}


@pytest.mark.parametrize("null", NULLS.values(), ids=NULLS)
def test_a_row_without_a_shape_is_loaded(
    layer: Layer, warehouse: Warehouse, null: dict[str, Any]
) -> None:
    layer.rows = layer.rows[:2]
    layer.rows[1] = {"attributes": layer.rows[1]["attributes"], **null}
    assert warehouse.load().rows == 2
    first, second = loaded(warehouse)
    assert first is not None
    assert second is None


@pytest.mark.parametrize("turned", [False, True], ids=["as Esri has it", "the other way round"])
def test_parts_holes_and_islands_are_distinguished(
    layer: Layer, warehouse: Warehouse, turned: bool
) -> None:
    hole, pond = square(1, 1, 8)[::-1], square(21, 1, 1)[::-1]
    rings = [pond, square(20, 0, 10), hole, square(2, 2, 3), square(0, 0, 10)]
    with_rings(layer, *(ring[::-1] if turned else ring for ring in rings))
    warehouse.load()
    [shape] = loaded(warehouse)
    assert shape.is_valid
    assert shape.geom_type == "MultiPolygon"
    assert shape.area == 100 - 64 + 9 + 100 - 1


def test_holes_that_have_lost_their_orientation_stay_holes(
    layer: Layer, warehouse: Warehouse
) -> None:
    with_rings(layer, square(0, 0, 10), square(1, 1, 2), square(5, 5, 2))
    warehouse.load()
    assert loaded(warehouse)[0].area == 100 - 4 - 4


def test_invalid_shapes_are_repaired_and_counted(layer: Layer, warehouse: Warehouse) -> None:
    with_rings(layer, [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]])
    assert warehouse.load().notes == ("invalid shapes that were repaired: 1",)
    [shape] = loaded(warehouse)
    assert shape.is_valid
    assert shape.area == 2


def test_z_and_m_values_are_left_out(layer: Layer, warehouse: Warehouse) -> None:
    with_rings(layer, [[*point, 12.5, None] for point in square(0, 0)], hasZ=True, hasM=True)
    warehouse.load()
    assert loaded(warehouse)[0].equals(shapely.box(0, 0, 1, 1))
    assert not loaded(warehouse)[0].has_z


@pytest.mark.parametrize(
    ("reference", "ring"),
    [
        ({"wkid": 102100, "latestWkid": 3857}, square(-13136061.0, 4057790.0, 100)),
        ({"wkid": 102645, "latestWkid": 2229}, square(6560000.0, 1885966.0, 300)),
        ({"wkid": 104199}, square(-118.0036, 34.2050, 0.001)),
    ],
    ids=["web mercator", "California zone 5 in feet", "a system of Esri's own"],
)
def test_other_systems_become_longitude_and_latitude(
    layer: Layer, warehouse: Warehouse, reference: dict[str, Any], ring: list[list[float]]
) -> None:
    layer.reference = reference
    with_rings(layer, ring)
    warehouse.load()
    west, south, east, north = loaded(warehouse)[0].bounds
    assert -118.1 < west < east < -117.9
    assert 34.1 < south < north < 34.3


@pytest.mark.parametrize(
    ("geometry", "reference", "message"),
    [
        ({"curveRings": [[[0, 0], {"c": [[3, 3], [1, 4]]}]]}, {"wkid": 4326}, "curveRings"),
        ([square(0, 0)], {"wkid": 4326}, "is not an object"),
        ({"rings": [square(0, 0)]}, {"wkid": 999999}, "unknown spatial reference"),
        ({"rings": [[["here", "there"]]]}, {"wkid": 4326}, "not numbers"),
        ({"rings": [[[1], [2], [3]]]}, {"wkid": 4326}, "fewer than two ordinates"),
    ],
    ids=["curves", "a list", "unknown system", "words", "one ordinate"],
)
def test_a_shape_that_cannot_be_read_is_refused_by_name(
    layer: Layer,
    warehouse: Warehouse,
    geometry: dict[str, Any],
    reference: dict[str, Any],
    message: str,
) -> None:
    warehouse.load()
    layer.reference = reference
    layer.rows[2]["geometry"] = geometry
    with pytest.raises(SchemaError, match=message) as failure:
        warehouse.load()
    assert "OBJECTID=3" in str(failure.value) or "wkid" not in str(failure.value)
    assert warehouse.load_ids() == {"run 001"}


def test_one_vertex_that_is_not_on_earth_costs_one_shape(
    layer: Layer, warehouse: Warehouse
) -> None:
    layer.rows[2]["geometry"]["rings"][0][1] = [-180.5, 34]
    layer.rows[6]["geometry"]["rings"][0][1] = [-118, -1.7976931348623157e308]
    report = warehouse.load()
    assert report.notes == (
        "shapes with coordinates that are not on Earth, which are null: 2 (OBJECTID=3, 7)",
    )
    assert [number for number, shape in enumerate(loaded(warehouse), 1) if shape is None] == [3, 7]


def test_a_layer_in_metres_that_is_called_degrees_is_refused(
    layer: Layer, warehouse: Warehouse
) -> None:
    warehouse.load()
    for feature in layer.rows:
        feature["geometry"] = {"rings": [square(5e6, 4e6)]}
    with pytest.raises(
        SchemaError, match=r"^parcels: bad geometry: . of . shapes .*4326"
    ) as failure:
        warehouse.load()
    assert "not longitude and latitude" in str(failure.value)
    assert warehouse.load_ids() == {"run 001"}


def test_shapes_in_another_types_spelling_are_read_or_reported(
    layer: Layer, warehouse: Warehouse
) -> None:
    layer.rows[0]["geometry"] = {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}
    for feature in layer.rows[1:8]:
        feature["geometry"] = {"paths": [[[0, 0], [1, 1]]]}
    assert warehouse.load().notes == (
        "shapes of another type than the layer's, which are null: 7 (OBJECTID=2, 3, 4, 5, 6, …)",
    )
    shapes = loaded(warehouse)
    assert shapes[0].equals(shapely.box(1, 2, 3, 4))
    assert shapes[1:8] == [None] * 7
    assert None not in shapes[8:]


def test_a_table_without_shapes_has_an_empty_geometry_column(
    layer: Layer, warehouse: Warehouse
) -> None:
    layer.metadata = {"geometryType": None, "type": "Table"}
    layer.rows = [{"attributes": feature["attributes"]} for feature in layer.rows]
    assert warehouse.load().rows == 10
    assert loaded(warehouse) == [None] * 10
