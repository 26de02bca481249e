"""Esri's points, lines and polygons as shapes: their kind, their extent, and what is null."""

from typing import Any

import numpy as np
import pytest
import shapely

from include.loaders.geometry.parts import MalformedError, flatten
from include.loaders.geometry.shapes import Shapes, no_shapes, read_shapes

NAN = float("nan")
POINT, MULTIPOINT = "esriGeometryPoint", "esriGeometryMultipoint"
POLYLINE, POLYGON = "esriGeometryPolyline", "esriGeometryPolygon"
RING = [[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]
CURVES = "the shape has curves (curveRings), which were not requested"
NO_NUMBERS = "the coordinates are not numbers (true and false are not numbers)"
TOO_LARGE = "the coordinates are not numbers (int too large to convert to float)"
REFERENCE = "the spatial reference is 7, not an object"
BOW_TIE = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]


def texts(shapes: Shapes) -> list[str | None]:
    """The shapes as text, null ones as `None`."""
    return [None if wkb is None else shapely.from_wkb(wkb).wkt for wkb in shapes.wkb]


def shape(kind: str, *geometries: Any) -> list[str | None]:
    return texts(read_shapes(geometries, kind, None))


@pytest.mark.parametrize(
    ("kind", "geometries", "expected"),
    [
        (
            POINT,
            [{"x": 1, "y": 2}, {"x": "3.5", "y": 4, "z": 9}, {"x": 5, "y": 6, "m": None}],
            ["POINT (1 2)", "POINT (3.5 4)", "POINT (5 6)"],
        ),
        (
            POINT,
            [None, {}, {"x": None, "y": 1}, {"x": "NaN", "y": 1}, {"x": 1, "y": "NaN"}, {"x": 1}],
            [None] * 6,
        ),
        (POINT, [{"x": 1, "y": None}, {"x": 0, "y": 0}], [None, "POINT (0 0)"]),
        (
            MULTIPOINT,
            [{"points": [[1, 2], [3, 4]]}, {"points": []}, None, {"points": [[5, 6, 7]]}],
            ["MULTIPOINT ((1 2), (3 4))", None, None, "MULTIPOINT ((5 6))"],
        ),
        (
            POLYLINE,
            [
                {"paths": [[[0, 0], [1, 1]]]},
                {"paths": [[[0, 0], [1, 1]], [[2, 2], [3, 3], [4, 2]]]},
                {"paths": []},
                {"paths": [[]]},
                {"paths": [[[0, 0]], [[5, 5], [6, 6]]]},
                {"paths": [[[0, 0]]]},
                None,
            ],
            [
                "LINESTRING (0 0, 1 1)",
                "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 2))",
                None,
                None,
                "LINESTRING (5 5, 6 6)",
                None,
                None,
            ],
        ),
        (
            POLYLINE,
            [{"paths": [[[0, 0], [0, 1], [0, 0]]], "curvePaths": []}],
            ["LINESTRING (0 0, 0 1, 0 0)"],
        ),
        (
            POLYGON,
            [{"rings": [RING]}, {"rings": [RING[:-1]]}, {"rings": [RING], "curveRings": None}],
            ["POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))"] * 3,
        ),
        (
            POLYGON,
            [{"rings": [[[0, 0], [1, 1], [0, 0]]]}, {"rings": [[[0, 0], [1, 1]]]}, {"rings": None}],
            [None] * 3,
        ),
        (POLYGON, [{"rings": [[[0, 0], [1, 1], [2, 0]]]}], ["POLYGON ((0 0, 1 1, 2 0, 0 0))"]),
        (
            POLYGON,
            [{"rings": [[], RING]}, {"rings": [RING, []]}, {"rings": []}],
            ["POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))"] * 2 + [None],
        ),
        (POLYGON, [{"rings": [RING, [[5, 5], [None, 6], [7, 5]]]}, {"rings": [[]]}], [None] * 2),
    ],
)
def test_each_kind_of_geometry_becomes_a_shape_or_null(
    kind: str, geometries: list[Any], expected: list[str | None]
) -> None:
    assert shape(kind, *geometries) == expected


def test_a_geometry_alone_on_its_page_is_read_like_any_other() -> None:
    assert shape(POINT, {"x": 1}) == [None]
    assert shape(MULTIPOINT, {"points": [[1, 2]]}) == ["MULTIPOINT ((1 2))"]
    assert shape(POLYLINE, {"paths": [[[0, 0], [1, 1]]]}) == ["LINESTRING (0 0, 1 1)"]
    assert shape(POLYGON, {"rings": None}) == [None]
    with pytest.raises(MalformedError, match="the rings are '', not a list"):
        shape(POLYGON, {"rings": ""})
    with pytest.raises(MalformedError, match="the shape has curves"):
        shape(POLYGON, {"rings": [RING], "curveRings": [[[0, 0]]]})


def test_a_bad_coordinate_spoils_its_own_feature_only() -> None:
    bad = {"paths": [[[0, 0], [NAN, 1]], [[1, 1], [2, 2]]]}
    good = {"paths": [[[3, 3], [4, 4]]]}

    found = read_shapes([good, bad, good], POLYLINE, None)

    assert texts(found) == ["LINESTRING (3 3, 4 4)", None, "LINESTRING (3 3, 4 4)"]
    assert found.lost == 1


def test_the_extent_and_the_kind_of_each_shape_are_reported() -> None:
    found = read_shapes([{"rings": [RING]}, None, {"rings": [[[9, 9]]]}], POLYGON, None)

    assert found.bounds[0].tolist() == [0, 0, 2, 2]
    assert np.isnan(found.bounds[1:]).all()
    assert found.kinds.tolist() == [3, -1, -1]
    assert (found.repaired, found.lost) == (0, 1)


def test_shapes_that_were_never_there_are_not_lost() -> None:
    geometries: list[Any] = [None, {}, {"rings": []}, {"rings": [[]]}, {"rings": None}]
    found = read_shapes(geometries, POLYGON, None)
    bare = read_shapes([{"rings": [[]]}, {"rings": []}], POLYGON, None)
    points: list[Any] = [
        {"x": None, "y": 1},
        {"x": "NaN", "y": 1},
    ]
    halves: list[Any] = [{"x": 1}, {"x": 1, "y": None}, {"x": 1, "y": "NaN"}]

    assert (found.repaired, found.lost) == (0, 0)
    assert (bare.repaired, bare.lost) == (0, 0)
    assert read_shapes(points, POINT, None).lost == 0
    assert read_shapes(halves, POINT, None).lost == 3


@pytest.mark.parametrize("ring", [RING, RING[:-1]], ids=["closed", "open"])
@pytest.mark.parametrize("first", [True, False])
def test_a_ring_without_area_does_not_spoil_the_others(ring: list[Any], first: bool) -> None:
    flat = [[5, 5], [6, 6], [5, 5]]
    rings = [flat, ring] if first else [ring, flat]

    found = read_shapes([{"rings": rings}], POLYGON, None)

    assert texts(found) == ["POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))"]
    assert (found.repaired, found.lost) == (0, 0)


def test_invalid_polygons_are_repaired_and_those_without_area_are_lost() -> None:
    flat = [[0, 0], [1, 1], [2, 2], [0, 0]]

    rings = [[BOW_TIE], [flat], [RING]]
    found = read_shapes([{"rings": each} for each in rings], POLYGON, None)

    tie, none, plain = (shapely.from_wkb(wkb) for wkb in found.wkb)
    assert (tie.is_valid, tie.area, none, plain.area) == (True, 2, None, 4)
    assert (found.repaired, found.lost) == (1, 1)


def test_lines_that_cross_themselves_are_left_as_they_are() -> None:
    found = read_shapes([{"paths": [BOW_TIE]}], POLYLINE, None)

    assert texts(found) == ["LINESTRING (0 0, 2 2, 2 0, 0 2, 0 0)"]
    assert found.repaired == 0


@pytest.mark.parametrize(
    ("kind", "geometry", "reason"),
    [
        (
            POLYGON,
            {"curveRings": [[[0, 0], {"c": []}]]},
            "the shape has curves (curveRings), which were not requested",
        ),
        (
            POLYLINE,
            {"paths": [], "curvePaths": [[]]},
            "the shape has curves (curvePaths), which were not requested",
        ),
        (POLYLINE, {"paths": [[[1], [2]]]}, "a vertex has fewer than two ordinates"),
        (POLYLINE, {"paths": [[[1, 2], []]]}, "a vertex has fewer than two ordinates"),
        (
            POLYLINE,
            {"paths": [[["a", "b"]]]},
            "the coordinates are not numbers (not a number)",
        ),
        (
            POLYLINE,
            {"paths": [[1, 2]]},
            "the coordinates are not numbers (1 is not a list)",
        ),
        (POLYGON, {"rings": [RING], "curveRings": [1]}, CURVES),
        (POLYLINE, {"curveRings": [1]}, CURVES),
        (POLYGON, [RING], f"{[RING]} is not an object"),
        (POLYGON, "rings", "'rings' is not an object"),
        (POLYGON, "", "'' is not an object"),
        (POLYGON, [], "[] is not an object"),
        (POLYGON, 0, "0 is not an object"),
        (POLYGON, False, "False is not an object"),
        (POLYGON, {"rings": "0123"}, "the rings are '0123', not a list"),
        (POLYGON, {"rings": 5}, "the rings are 5, not a list"),
        (POLYGON, {"rings": 5, "hasZ": False}, "the rings are 5, not a list"),
        (POLYGON, {"rings": {"a": 1}, "hasZ": False}, "the rings are {'a': 1}, not a list"),
        (POLYGON, {"paths": 0}, "the paths are 0, not a list"),
        (POLYGON, {"rings": [0]}, "the coordinates are not numbers (0 is not a list)"),
        (
            POLYGON,
            {"rings": [{"a": 1}]},
            "the coordinates are not numbers ({'a': 1} is not a list)",
        ),
        (POLYGON, {"rings": ["0123"]}, "the coordinates are not numbers ('0123' is not a list)"),
        (POLYGON, {"rings": [["01"]]}, "the coordinates are not numbers ('01' is not a list)"),
        (POLYGON, {"rings": [[[0, 0], None]]}, "a vertex has fewer than two ordinates"),
        (POLYGON, {"rings": [[[0, {}]]]}, "the coordinates are not numbers (not a number)"),
        (POLYGON, {"rings": [[[0, "1_0"]]]}, "the coordinates are not numbers (not a number)"),
        (POLYGON, {"rings": [[[0, "\u0661"]]]}, "the coordinates are not numbers (not a number)"),
        (POLYGON, {"rings": [[[0, 10**400]]]}, TOO_LARGE),
        (POLYGON, {"rings": [[[0, True]]]}, NO_NUMBERS),
        (POLYGON, {"rings": [[[False, 2]]]}, NO_NUMBERS),
        (POLYGON, {"xmin": "a", "ymin": 0, "xmax": 1, "ymax": 1}, "not a number"),
        (POLYGON, {"rings": [RING], "spatialReference": 7}, REFERENCE),
    ],
)
def test_a_geometry_that_cannot_be_read_is_refused_by_its_place(
    kind: str, geometry: Any, reason: str
) -> None:
    good = {"paths": [[[0, 0], [1, 1]]]} if kind == POLYLINE else {"rings": [RING]}

    with pytest.raises(MalformedError) as failure:
        read_shapes([good, None, geometry], kind, None)

    assert (failure.value.position, str(failure.value)) == (2, reason)


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"x": [1], "y": 2}, "the coordinates are not numbers (not a number)"),
        ({"x": True, "y": 2}, NO_NUMBERS),
        ({"x": 10**400, "y": 2}, TOO_LARGE),
        ({"x": "here", "y": 2}, "the coordinates are not numbers (not a number)"),
        ({"points": 5}, "the points are 5, not a list"),
        ({"points": [5]}, "the coordinates are not numbers (5 is not a list)"),
    ],
)
@pytest.mark.parametrize("kind", [POINT, MULTIPOINT])
def test_a_point_that_cannot_be_read_is_refused_by_its_place(
    kind: str, geometry: Any, reason: str
) -> None:
    with pytest.raises(MalformedError) as failure:
        read_shapes([{"x": 1, "y": 2}, geometry], kind, None)

    assert (failure.value.position, str(failure.value)) == (1, reason)


def test_text_and_null_ordinates_are_numbers() -> None:
    parts = flatten([None, [[["1.5", None], ["NaN", 2]]]])

    assert parts.features == 2
    assert np.array_equal(parts.xy, [[1.5, NAN], [NAN, 2]], equal_nan=True)
    assert flatten([None, []]).xy.shape == (0, 2)
    assert flatten([[[[1, 2, "z"], [3, 4, {}]]]]).xy.tolist() == [[1, 2], [3, 4]]


def test_only_some_parts_can_be_selected() -> None:
    parts = flatten([[[[1, 2]], [[3, 4], [5, 6]]], [], [[[7, 8]]]])

    chosen = parts.select(np.array([False, True, True]))

    assert chosen.xy.tolist() == [[3, 4], [5, 6], [7, 8]]
    assert chosen.part.tolist() == [0, 0, 1]
    assert chosen.feature.tolist() == [0, 2]
    assert chosen.features == 3
    assert (parts.sizes().tolist(), chosen.sizes().tolist()) == ([1, 2, 1], [2, 1])


def test_a_table_has_a_null_for_each_row() -> None:
    found = no_shapes(2)

    assert found.wkb.tolist() == [None, None]
    assert np.isnan(found.bounds).all()
    assert found.bounds.shape == (2, 4)
    assert (found.kinds.tolist(), found.repaired, found.lost) == ([-1, -1], 0, 0)
    assert (found.off_earth.tolist(), found.other_kind.tolist()) == ([], [])
