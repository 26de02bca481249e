"""Shapes that no layer should have: read if nothing is in doubt, else null and reported."""

from typing import Any

import numpy as np
import pytest
import shapely

from include.loaders.geometry.projection import UnknownSystemError
from include.loaders.geometry.shapes import Shapes, read_shapes

POINT, MULTIPOINT = "esriGeometryPoint", "esriGeometryMultipoint"
POLYLINE, POLYGON = "esriGeometryPolyline", "esriGeometryPolygon"
NO_VALUE = -1.7976931348623157e308
RING = [[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]
PATH = [[0, 0], [1, 1]]
ENVELOPE = {"xmin": 0, "ymin": 1, "xmax": 2, "ymax": 3}
BOX = "POLYGON ((0 1, 0 3, 2 3, 2 1, 0 1))"


def texts(shapes: Shapes) -> list[str | None]:
    """The shapes as text, null ones as `None`."""
    return [None if wkb is None else shapely.from_wkb(wkb).wkt for wkb in shapes.wkb]


def square(x: float, y: float) -> dict[str, Any]:
    return {"rings": [[[x, y], [x, y + 1], [x + 1, y + 1], [x + 1, y], [x, y]]]}


@pytest.mark.parametrize(
    ("kind", "geometry", "expected"),
    [
        (MULTIPOINT, {"x": 1, "y": 2}, "MULTIPOINT ((1 2))"),
        (MULTIPOINT, {"x": 1, "y": 2, "points": []}, "MULTIPOINT ((1 2))"),
        (POINT, {"points": [[1, 2]]}, "POINT (1 2)"),
        (POLYGON, ENVELOPE, BOX),
        (POLYGON, ENVELOPE | {"zmin": 1, "zmax": 2, "rings": []}, BOX),
        (POLYGON, {name: str(side) for name, side in ENVELOPE.items()}, BOX),
        (POLYGON, {"rings": [RING], "paths": [PATH]}, "POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))"),
        (POLYLINE, {"paths": [PATH], "type": "x"}, "LINESTRING (0 0, 1 1)"),
    ],
)
def test_another_types_spelling_is_read_if_nothing_is_in_doubt(
    kind: str, geometry: Any, expected: str
) -> None:
    found = read_shapes([geometry, None], kind, None)

    assert texts(found) == [expected, None]
    assert (found.lost, found.other_kind.tolist()) == (0, [])


@pytest.mark.parametrize(
    ("kind", "geometry"),
    [
        (POINT, {"points": [[1, 2], [3, 4]]}),
        (POINT, {"rings": [RING]}),
        (POINT, ENVELOPE),
        (MULTIPOINT, {"paths": [PATH]}),
        (MULTIPOINT, ENVELOPE),
        (POLYLINE, {"rings": [RING]}),
        (POLYLINE, {"rings": [RING], "paths": []}),
        (POLYLINE, {"x": 1, "y": 2}),
        (POLYLINE, ENVELOPE),
        (POLYGON, {"paths": [PATH]}),
        (POLYGON, {"paths": [RING], "rings": None}),
        (POLYGON, {"points": [[1, 2]]}),
        (POLYGON, {"x": 1, "y": 2}),
        (POLYGON, {"type": "Polygon", "coordinates": [RING]}),
        (POLYGON, {"compressedGeometry": "+1m91-66os4+1poms"}),
    ],
)
def test_any_other_types_spelling_is_null_and_reported(kind: str, geometry: Any) -> None:
    found = read_shapes([None, geometry], kind, None)

    assert texts(found) == [None, None]
    assert (found.lost, found.other_kind.tolist(), found.off_earth.tolist()) == (0, [1], [])


@pytest.mark.parametrize(
    "geometry",
    [
        {},
        {"hasZ": True, "hasM": False},
        {"spatialReference": {"wkid": 4326}},
        {"rings": [], "paths": [], "points": [], "x": None, "y": "NaN"},
        {"rings": [[]], "hasZ": False},
        {"xmin": "NaN", "ymin": "NaN", "xmax": "NaN", "ymax": "NaN"},
        {"curveRings": []},
        {"type": None},
    ],
)
@pytest.mark.parametrize("kind", [POINT, MULTIPOINT, POLYLINE, POLYGON])
def test_a_geometry_without_coordinates_is_null_and_not_reported(kind: str, geometry: Any) -> None:
    found = read_shapes([geometry], kind, None)

    assert texts(found) == [None]
    assert (found.lost, found.other_kind.tolist(), found.off_earth.tolist()) == (0, [], [])


@pytest.mark.parametrize(
    "change", [{"xmin": 5}, {"ymin": 5}, {"xmin": None}, {"ymax": "NaN"}, {"xmax": 0}]
)
def test_an_envelope_that_is_no_box_is_lost(change: dict[str, Any]) -> None:
    found = read_shapes([ENVELOPE | change], POLYGON, None)

    assert (texts(found), found.lost) == ([None], 1)


@pytest.mark.parametrize(
    ("vertex", "reference"),
    [
        ([-180.5, 0], None),
        ([0, 90.5], {"wkid": 4326}),
        ([NO_VALUE, NO_VALUE], {"wkid": 4326}),
        ([NO_VALUE, NO_VALUE], {"wkid": 3857}),
        ([NO_VALUE, NO_VALUE], {"wkid": 2229}),
        ([0, -3.4028234663852886e38], {"wkid": 2229}),
        ([4.1e7, 0], {"wkid": 3857}),
        ([2.1e7, 0], {"wkid": 32611}),
    ],
)
def test_one_vertex_that_is_not_on_earth_makes_its_own_shape_null(
    vertex: list[float], reference: Any
) -> None:
    bad = {"rings": [*square(0, 0)["rings"], [[0, 0], [1, 1], vertex, [0, 0]]]}

    found = read_shapes([square(0, 0), bad, None, square(10, 10)], POLYGON, reference)

    assert [wkb is None for wkb in found.wkb] == [False, True, True, False]
    assert found.off_earth.tolist() == [1]
    assert np.isnan(found.bounds[1]).all()
    assert (found.lost, found.other_kind.tolist()) == (0, [])


@pytest.mark.parametrize(("on_earth", "off_earth"), [(0, 1), (1, 1), (2, 2), (4, 3)])
def test_half_of_the_shapes_may_be_off_earth(on_earth: int, off_earth: int) -> None:
    page = [square(0, 0)] * on_earth + [None] + [square(5e6, 4e6)] * off_earth

    found = read_shapes(page, POLYGON, {"wkid": 4326})

    assert found.off_earth.tolist() == list(range(on_earth + 1, on_earth + 1 + off_earth))
    assert [wkb is None for wkb in found.wkb] == [False] * on_earth + [True] * (off_earth + 1)


@pytest.mark.parametrize(("on_earth", "off_earth"), [(0, 2), (1, 2), (3, 4)])
def test_if_more_are_the_declared_system_is_wrong(on_earth: int, off_earth: int) -> None:
    page = [square(0, 0)] * on_earth + [None] * 9 + [square(5e6, 4e6)] * off_earth

    with pytest.raises(UnknownSystemError) as failure:
        read_shapes(page, POLYGON, {"wkid": 4326})

    assert str(failure.value) == (
        f"{off_earth} of {off_earth + on_earth} shapes have coordinates that are not longitude "
        "and latitude, first (5000000, 4000000) (declared system: 4326)"
    )


@pytest.mark.parametrize(
    ("reference", "named"), [(None, "none"), ({"wkid": 32611, "wkt": "X"}, "32611")]
)
def test_a_wrong_system_is_named(reference: Any, named: str) -> None:
    points = [{"x": 1e30, "y": 1e30}, {"x": 2e30, "y": 1}]

    with pytest.raises(UnknownSystemError, match=rf"\(declared system: {named}\)$"):
        read_shapes(points, POINT, reference)


def test_shapes_without_values_say_nothing_about_the_system() -> None:
    points = [{"x": NO_VALUE, "y": NO_VALUE}] * 9 + [{"x": -13e6, "y": 4e6}]

    found = read_shapes(points, POINT, {"wkid": 3857})

    assert found.off_earth.tolist() == list(range(9))
    assert found.wkb[9] is not None
    # Two of three are off Earth, and the nine do not outvote the third.
    with pytest.raises(UnknownSystemError, match=r"^2 of 3 shapes"):
        read_shapes([*points, *[{"x": 4.1e7, "y": 0}] * 2], POINT, {"wkid": 3857})


def test_a_geometrys_own_system_goes_before_that_of_its_page() -> None:
    mercator, feet = {"wkid": 3857}, {"wkid": 102645, "latestWkid": 2229}
    page = [
        {"x": 1, "y": 2},
        {"x": -13136100.66, "y": 4056361.85, "spatialReference": mercator},
        None,
        {"x": 6560000.0, "y": 1885966.0, "spatialReference": feet},
        {"x": -13136100.66, "y": 4056361.85, "spatialReference": mercator},
        {"x": 3, "y": 4, "spatialReference": {"wkid": 4326}},
    ]

    found = read_shapes(page, POINT, None)

    assert found.bounds[:, 0] == pytest.approx(
        [1, -118, np.nan, -118, -118, 3], abs=0.1, nan_ok=True
    )
    assert found.bounds[:, 1] == pytest.approx(
        [2, 34.2, np.nan, 34.2, 34.2, 4], abs=0.1, nan_ok=True
    )
    assert found.bounds[1].tolist() == found.bounds[4].tolist()


def test_a_page_without_coordinates_needs_no_known_system() -> None:
    assert texts(read_shapes([None, {"rings": []}], POLYGON, {"wkid": 999999})) == [None, None]
    assert texts(read_shapes([None], POLYGON, ["no system"])) == [None]
