"""A map's parts: its window, the land, squares, the outlines of fires, and the scale."""

import json
import urllib.request
from copy import deepcopy
from typing import Any

import pandas as pd
import pytest
import shapely

from include.dashboard import maps, outlines
from include.dashboard.outlines import Window

WEST = Window(-119.0, 33.9, -118.4, 34.2)


def frame(*places: tuple[float, float], fire: str = "Eaton") -> pd.DataFrame:
    """Points of a fire, each `Done` but the first."""
    rows = pd.DataFrame(places, columns=["longitude", "latitude"])
    return rows.assign(fire_name=fire, status=["Open", *["Done"] * (len(rows) - 1)])


@pytest.mark.parametrize(
    ("place", "longitude", "latitude", "is_land"),
    [
        ("the pier of Malibu", -118.6766, 34.0395, True),
        ("a mile off Malibu", -118.6766, 34.02, False),
        ("Pacific Palisades", -118.526, 34.048, True),
        ("Santa Monica Bay", -118.55, 34.0, False),
        ("Point Dume", -118.806, 34.005, True),
    ],
)
def test_the_coast_is_where_it_is(
    place: str, longitude: float, latitude: float, is_land: bool
) -> None:
    land = outlines.land(WEST)
    assert land.contains(shapely.Point(longitude, latitude)) is is_land, place


def test_the_county_line_is_that_with_ventura() -> None:
    # Ventura County begins west of Leo Carrillo beach.
    near = shapely.Point(-118.9445, 34.047).buffer(0.01)
    assert outlines.lines(WEST).intersects(near)
    assert outlines.lines(Window(-118.2, 34.15, -118.1, 34.25)).is_empty


def test_the_outlines_say_where_they_come_from() -> None:
    origin = json.loads(outlines.FILE.read_text())["origin"]
    assert "US Census Bureau" in origin
    assert "public domain" in origin


def test_the_window_has_a_margin_around_its_points() -> None:
    assert maps.window_around(frame((-118.2, 34.1), (-118.0, 34.2))) == pytest.approx(
        (-118.224, 34.076, -117.976, 34.224)
    )
    one = maps.window_around(frame((-118.2, 34.1)))
    assert one == pytest.approx((-118.21, 34.09, -118.19, 34.11))


def test_points_are_counted_by_square() -> None:
    window = Window(-118.2, 34.0, -118.0, 34.36)
    points = frame((-118.199, 34.001), (-118.198, 34.002), (-118.197, 34.003), (-118.01, 34.35))
    squares = maps.count_by_square(points, window)
    assert squares[["count", "most"]].values.tolist() == [[3, "Done"], [1, "Done"]]
    first = squares.iloc[0]
    assert (first.west, first.south) == (-118.2, 34.0)
    # As wide as it is high, on the ground.
    assert first.north - first.south == pytest.approx(0.01)
    assert (first.east - first.west) / 0.01 == pytest.approx(1 / 0.827, rel=0.01)


def test_every_point_is_in_its_square() -> None:
    points = frame(*((-118.2 + number / 97, 34.1 + number / 211) for number in range(30)))
    squares = maps.count_by_square(points, maps.window_around(points))
    assert squares["count"].sum() == 30
    boxes = shapely.box(squares.west, squares.south, squares.east, squares.north)
    inside = shapely.points(points.longitude, points.latitude)
    assert all(shapely.intersects(boxes, point).any() for point in inside)


def test_a_fires_outline_is_around_its_points() -> None:
    grid = [(-118.2 + x / 100, 34.1 + y / 100) for x in range(4) for y in range(4)]
    found = maps.fire_outlines(
        pd.concat(
            [frame(*grid), frame(*[(-118.5, 34.0)] * 20, fire="One place"), frame((-118, 34))]
        )
    )
    assert list(found) == ["Eaton"]
    around = shapely.Polygon(found["Eaton"])
    assert all(around.contains(shapely.Point(place)) for place in grid)


def test_an_outline_follows_a_bend() -> None:
    arms = {(x, 0) for x in range(12)} | {(x, 1) for x in range(12)}
    arms |= {(y, x) for x, y in arms}
    around = shapely.Polygon(
        maps.fire_outlines(frame(*((-118.2 + x / 100, 34 + y / 100) for x, y in sorted(arms))))[
            "Eaton"
        ]
    )
    assert around.contains(shapely.Point(-118.195, 34.1))
    assert not around.contains(shapely.Point(-118.14, 34.05))


def test_few_points_have_no_outline() -> None:
    grid = [(-118.2 + number / 100, 34.1 + number % 2 / 100) for number in range(9)]
    assert maps.fire_outlines(frame(*grid)) == {}
    assert list(maps.fire_outlines(frame(*grid, (-118.0, 34.2)))) == ["Eaton"]


@pytest.mark.parametrize(
    ("width", "miles"), [(0.02, 0.25), (0.1, 1), (0.3, 5), (0.5, 5), (2.0, 20), (0.001, 0.1)]
)
def test_the_scale_is_a_round_length_of_at_most_a_third(width: float, miles: float) -> None:
    found, degrees = maps.scale_of(Window(-118.0 - width, 34.0, -118.0, 34.1))
    assert found == miles
    # A degree of longitude is 57.2 miles here.
    assert degrees == pytest.approx(miles / 57.2, rel=0.01)
    assert degrees < width / 3 or miles == 0.1


def test_land_is_not_drawn_inside_out() -> None:
    [[feature]] = maps._land(WEST).to_dict()["datasets"].values()
    rings: Any = shapely.from_geojson(json.dumps(feature["geometry"]))
    assert not any(ring.exterior.is_ccw for ring in shapely.get_parts(rings))


def test_a_map_of_the_sea_has_no_land() -> None:
    sea = Window(-119.0, 33.86, -118.9, 33.9)
    assert outlines.land(sea).is_empty
    [features] = maps._land(sea).to_dict()["datasets"].values()
    assert features == []


def test_a_map_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urllib.request, "urlopen", None)
    rows = frame(*((-118.6 + number / 100, 34.05) for number in range(12)))
    rows = rows.assign(
        place="x",
        status=pd.Categorical(rows.status),
        recorded_at=pd.to_datetime(["2026-11-20"] * 12, utc=True),
    )
    for by_square in (False, True):
        text = maps.draw_map(rows, rows, by_square=by_square).to_json()
        assert '"url"' not in text


def test_the_steps_of_a_chart_do_not_copy_its_shapes() -> None:
    """A copy at each step took half a second for a map of 500 squares."""
    data = maps._shapes([{"type": "Feature"}]).data
    assert deepcopy(data) is data
