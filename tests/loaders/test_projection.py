"""Coordinates of any declared system: longitude and latitude, infinite, or refused."""

from typing import Any

import numpy as np
import pyproj
import pytest

from include.loaders.geometry.projection import UnknownSystemError, to_degrees

NAN, INFINITY = float("nan"), float("inf")
# The same place in degrees and in metres.
PLACE = [-118.0036, 34.2050]
MERCATOR = [-13136100.66, 4056361.85]
# ArcGIS's null.
NO_VALUE = -1.7976931348623157e308
LOCAL = 'LOCAL_CS["Unknown",UNIT["Meter",1]]'
MERCATOR_AS_TEXT = pyproj.CRS.from_epsg(3857).to_wkt()


def degrees(*xy: list[float], reference: Any = None) -> Any:
    return to_degrees(np.array(xy, dtype=float).reshape(-1, 2), reference)


@pytest.mark.parametrize(
    "reference",
    [
        {"wkid": 102100, "latestWkid": 3857},
        {"latestWkid": 3857},
        {"wkid": 3857},
        {"wkid": 102100},
        {"wkid": 4326, "latestWkid": 3857},
        {"wkt": MERCATOR_AS_TEXT},
        {"wkt2": MERCATOR_AS_TEXT},
        {"latestWkt": MERCATOR_AS_TEXT},
        {"wkid": "3857"},
        {"wkid": " 102100 ", "latestWkid": ""},
        {"wkid": 102100.0, "latestWkid": 3857.0},
        {"wkid": "3857.0"},
        {"wkid": 0, "wkt": MERCATOR_AS_TEXT},
        {"wkid": -1, "latestWkid": 0, "wkt": MERCATOR_AS_TEXT},
        {"wkid": None, "latestWkid": None, "wkt": MERCATOR_AS_TEXT},
        {"wkid": 999999, "wkt": MERCATOR_AS_TEXT},
        {"wkid": 3857, "latestWkid": 999999},
        {"wkid": "web", "latestWkid": [3857], "wkt": MERCATOR_AS_TEXT},
        {"wkid": 3857, "wkt": 7},
        {"wkid": 3857, "vcsWkid": 5773, "latestVcsWkid": 5773},
    ],
)
def test_a_system_is_known_by_its_newest_number_or_its_text(reference: dict[str, Any]) -> None:
    [place] = degrees(MERCATOR, reference=reference)

    assert place == pytest.approx(PLACE, abs=1e-6)


@pytest.mark.parametrize(
    "reference",
    [
        None,
        {},
        {"wkid": 4326},
        {"wkid": "4326"},
        {"wkid": 4326.0},
        {"wkid": None},
        {"wkid": None, "wkt": ""},
        {"wkid": 4326, "wkt": MERCATOR_AS_TEXT},
        {"wkid": 4326, "vcsWkid": 5773, "latestVcsWkid": 5773},
    ],
)
def test_degrees_stay_exactly_as_they_are(reference: dict[str, Any] | None) -> None:
    given = np.array([PLACE])

    assert to_degrees(given, reference) is given


def test_each_vertex_is_transformed() -> None:
    found = degrees(MERCATOR, [0, 0], MERCATOR, reference={"wkid": 3857})

    assert found.tolist() == [pytest.approx(each, abs=1e-6) for each in (PLACE, [0, 0], PLACE)]
    two = degrees([0, 0], MERCATOR, reference={"wkid": 3857})
    assert two.tolist() == [pytest.approx(each, abs=1e-6) for each in ([0, 0], PLACE)]


def test_a_system_of_esris_own_is_known() -> None:
    [place] = degrees(PLACE, reference={"wkid": 104199})

    assert place == pytest.approx(PLACE, abs=0.5)


def test_coordinates_that_are_not_finite_stay_and_the_others_are_transformed() -> None:
    given = np.array([[NAN, 1.0], MERCATOR, [2.0, INFINITY]])

    found = to_degrees(given, {"wkid": 3857})

    assert np.array_equal(found[[0, 2]], given[[0, 2]], equal_nan=True)
    assert found[1] == pytest.approx(PLACE, abs=1e-6)
    assert given[1].tolist() == MERCATOR


def test_nothing_to_transform_needs_no_known_system() -> None:
    assert degrees(reference={"wkid": 999999}).shape == (0, 2)
    assert np.isnan(degrees([NAN, NAN], reference={"wkid": 999999})).all()


@pytest.mark.parametrize(
    "edge", [[-180.0009, 0], [180.0009, 0], [0, -90.0009], [0, 90.0009], [-180, -90], [180, 90]]
)
def test_a_shape_may_touch_the_edge_of_the_map(edge: list[float]) -> None:
    assert degrees(edge, [0, 0]).tolist() == [edge, [0, 0]]


@pytest.mark.parametrize(
    "beyond",
    [
        [-180.0016, 0],
        [180.0016, 0],
        [0, -90.0016],
        [0, 90.0016],
        [-180.5, 34],
        [5e6, 4e6],
        [NO_VALUE, NO_VALUE],
        [-118, -3.4028234663852886e38],
        [INFINITY, 0],
    ],
)
def test_a_vertex_beyond_the_map_is_infinite_and_the_others_stay(beyond: list[float]) -> None:
    found = degrees([1, 2], beyond, PLACE)

    assert np.isinf(found[1]).any()
    assert found[[0, 2]].tolist() == [[1, 2], PLACE]


@pytest.mark.parametrize(
    ("wkid", "given"),
    [
        (3857, [NO_VALUE, NO_VALUE]),
        (3857, [-13136100.66, NO_VALUE]),
        (3857, [1e30, 1e30]),
        (3857, [2.1e7, 0]),
        (3857, [4.1e7, 0]),
        (3857, [-13136100.66, 1e9]),
        (2229, [NO_VALUE, NO_VALUE]),
        (2229, [-1e9, 1e9]),
        (2229, [3e9, 0]),
        (3413, [1e15, 1e15]),
        (32611, [2.1e7, 0]),
        (5070, [2.1e7, 0]),
        (4269, [368, 0]),
        (4267, [-118, 91]),
    ],
)
def test_a_place_that_its_system_cannot_have_is_infinite(wkid: int, given: list[float]) -> None:
    """PROJ makes poles of some of these, and turns others around the Earth."""
    assert np.isinf(degrees(given, reference={"wkid": wkid})).any()


@pytest.mark.parametrize(
    ("wkid", "place"),
    [
        (3338, [175, 52]),  # The Aleutians, in Alaska's own system.
        (3338, [-165, 54]),
        (2193, [-176.5, -44]),  # The Chatham Islands, in New Zealand's.
        (3832, [-120, 10]),  # A Mercator projection around 150 degrees east.
        (5070, [-118, 34]),
        (2229, [-118, 34]),
        (3413, [-45, 80]),
    ],
)
def test_a_place_beyond_the_date_line_of_its_system_is_where_it_was(
    wkid: int, place: list[float]
) -> None:
    away = pyproj.Transformer.from_crs(4326, wkid, always_xy=True).transform(place[0], place[1])

    [found] = degrees(list(away), reference={"wkid": wkid})

    # The way there and the way back may use different shifts between the datums: about a metre.
    assert found == pytest.approx(place, abs=1e-4)


@pytest.mark.parametrize(("x", "east"), [(20037508.35, 180), (-20037508.35, -180)])
def test_the_edge_of_the_map_stays_on_its_side(x: float, east: float) -> None:
    [found] = degrees([x, 0], reference={"wkid": 3857})

    assert found == pytest.approx([east, 0], abs=1e-6)


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ({"wkid": 999999}, "999999"),
        ({"wkid": "999999"}, "999999"),
        ({"wkt": "nonsense"}, "nonsense"),
        ({"wkt2": "odd"}, "odd"),
        ({"wkid": 999999, "wkt": "nonsense"}, "999999"),
        ({"wkid": 5773}, "5773"),  # Heights.
        ({"wkid": 4978}, "4978"),  # Coordinates from the centre of the Earth.
        ({"wkid": 104903}, "104903"),  # The Moon.
        ({"wkt": LOCAL}, "LOCAL_CS"),
        ({"wkid": 2**40}, "1099511627776"),
    ],
)
def test_an_unknown_system_is_named(reference: dict[str, Any], named: str) -> None:
    with pytest.raises(UnknownSystemError, match=rf"^unknown spatial reference {named}.* \("):
        degrees([1, 2], reference=reference)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ([4326], "the spatial reference is [4326], not an object"),
        ("4326", "the spatial reference is '4326', not an object"),
        (4326, "the spatial reference is 4326, not an object"),
        (False, "the spatial reference is False, not an object"),
        ({"wkid": 0}, "unknown spatial reference 0"),
        ({"wkid": -1}, "unknown spatial reference -1"),
        ({"wkid": "web"}, "unknown spatial reference 'web'"),
        ({"wkid": 4326.5}, "unknown spatial reference 4326.5"),
        ({"wkid": True}, "unknown spatial reference True"),
        ({"wkid": {"a": 1}}, "unknown spatial reference {'a': 1}"),
        ({"wkt": 7}, "unknown spatial reference 7"),
        ({"wkid": 2**70}, f"unknown spatial reference {2**70}"),
    ],
)
def test_a_reference_without_a_system_is_refused(reference: Any, reason: str) -> None:
    with pytest.raises(UnknownSystemError) as failure:
        degrees([1, 2], reference=reference)

    assert str(failure.value) == reason


def test_a_message_quotes_little_of_a_reference() -> None:
    with pytest.raises(UnknownSystemError) as failure:
        degrees([1, 2], reference={"wkt": "x" * 10_000})

    assert len(str(failure.value)) < 300
