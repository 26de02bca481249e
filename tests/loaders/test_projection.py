"""Coordinates of any declared system: they become longitude and latitude, or are refused."""

from typing import Any

import numpy as np
import pyproj
import pytest

from include.loaders.geometry.projection import UnknownSystemError, to_degrees

NAN, INFINITY = float("nan"), float("inf")
# The same place in degrees and in metres.
PLACE = [-118.0036, 34.2050]
MERCATOR = [-13136100.66, 4056361.85]
MERCATOR_AS_TEXT = pyproj.CRS.from_epsg(3857).to_wkt()


def degrees(*xy: list[float], reference: dict[str, Any] | None = None) -> Any:
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
    ],
)
def test_a_system_is_known_by_its_newest_number_or_its_text(reference: dict[str, Any]) -> None:
    [place] = degrees(MERCATOR, reference=reference)

    assert place == pytest.approx(PLACE, abs=1e-6)


@pytest.mark.parametrize(
    "reference",
    [None, {}, {"wkid": 4326}, {"wkid": None}, {"wkid": 4326, "wkt": MERCATOR_AS_TEXT}],
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
    ("beyond", "extent"),
    [
        ([-180.0016, 0], "from (-180.002, 0.000) to (1.000, 2.000)"),
        ([180.0016, 0], "from (1.000, 0.000) to (180.002, 2.000)"),
        ([0, -90.0016], "from (0.000, -90.002) to (1.000, 2.000)"),
        ([0, 90.0016], "from (0.000, 2.000) to (1.000, 90.002)"),
    ],
)
def test_coordinates_beyond_the_map_are_refused(beyond: list[float], extent: str) -> None:
    with pytest.raises(UnknownSystemError) as failure:
        degrees(beyond, [1, 2])

    assert str(failure.value) == (
        f"coordinates {extent} are not longitude and latitude (declared system: none)"
    )


@pytest.mark.parametrize(
    ("reference", "named"),
    [({"wkid": 4326}, "4326"), ({"wkid": 4326, "wkt": "X"}, "4326")],
)
def test_the_declared_system_is_named(reference: dict[str, Any], named: str) -> None:
    with pytest.raises(UnknownSystemError, match=rf"\(declared system: {named}\)$"):
        degrees([5e6, 4e6], reference=reference)


def test_coordinates_that_a_system_cannot_have_are_refused() -> None:
    with pytest.raises(UnknownSystemError, match="not longitude and latitude"):
        degrees([1e30, 1e30], reference={"wkid": 32611})


@pytest.mark.parametrize(
    ("reference", "named"),
    [({"wkid": 999999}, "999999"), ({"wkt": "nonsense"}, "nonsense"), ({"wkt2": "odd"}, "odd")],
)
def test_an_unknown_system_is_named(reference: dict[str, Any], named: str) -> None:
    with pytest.raises(UnknownSystemError, match=rf"^unknown spatial reference {named} \("):
        degrees([1, 2], reference=reference)
