"""The maps of the view On a map: sizes, areas, places for orientation, and rare statuses."""

from typing import Any

import pytest

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import Draw, rows_of

COLUMNS: dict[str, Kind] = {
    "fire_name": "text",
    "status": "text",
    "place": "text",
    "recorded_at": "time",
    "longitude": "number",
    "latitude": "number",
}

AT = "2026-11-20 11:00"


def points(count: int, statuses: int, place: tuple[float, float]) -> dict[str, Any]:
    """So many points at one place, whose statuses are the rarer the higher their number."""
    numbers = [min(number, statuses - 1) for number in range(count)]
    rows = [("Eaton", f"s{statuses - 1 - number}", "x", AT, *place) for number in numbers]
    return {"places": rows_of(COLUMNS, *rows)}


@pytest.mark.parametrize(("count", "shown"), [(1000, "place"), (1001, "square")])
def test_many_points_are_counted_by_square(count: int, shown: str, draw: Draw) -> None:
    drawn = draw("on_a_map", points(count, 1, (-118.1, 34.1)))
    [chart] = drawn.of_kind("vega_lite_chart")
    found = {
        "place": [layer for layer in chart["layer"] if layer["mark"]["type"] == "circle"],
        "square": [layer for layer in chart["layer"] if "fill" in layer.get("encoding", {})],
    }
    assert [kind for kind, layers in found.items() if layers] == [shown]
    other = {"place": "How many, by square", "square": "Each place"}[shown]
    drawn.app.segmented_control[0].set_value(other).run()
    [chart] = drawn.of_kind("vega_lite_chart")
    circles = [layer for layer in chart["layer"] if layer["mark"]["type"] == "circle"]
    assert bool(circles) is (shown == "square")


@pytest.mark.parametrize(
    ("longitude", "area"),
    [(-118.35, "Pacific Palisades and Malibu"), (-118.349, "Altadena and Pasadena")],
)
def test_each_area_has_a_map_if_it_has_points(longitude: float, area: str, draw: Draw) -> None:
    drawn = draw("on_a_map", points(1234, 1, (longitude, 34.1)))
    assert drawn.of_kind("header") == [f"{area}: 1,234"]
    assert len(drawn.of_kind("column")) == 2 + 1


def test_places_for_orientation_are_shown_where_points_are(draw: Draw) -> None:
    corners = [
        ("Eaton", "Done", "x", AT, longitude, latitude)
        for longitude, latitude in ((-119.0, 33.0), (-118.4, 35.0), (-118.3, 33.0), (-118.0, 35.0))
    ]
    drawn = draw("on_a_map", {"places": rows_of(COLUMNS, *corners)})
    names = [
        layer["data"]["name"]
        for chart in drawn.of_kind("vega_lite_chart")
        for layer in chart["layer"]
        if layer["mark"].get("color") == "black" and "name" in layer["data"]
    ]
    east, west = names
    # The window has a margin around its points, so each map of these corners names both sides.
    assert {"Altadena", "Pasadena", "Sierra Madre", "La Cañada Flintridge"} <= set(east)
    assert {"Pacific Palisades", "Malibu", "Topanga", "Santa Monica", "Point Dume"} <= set(west)


def test_a_place_outside_the_map_is_not_named(draw: Draw) -> None:
    [chart] = draw("on_a_map", points(2, 1, (-118.131, 34.19))).of_kind("vega_lite_chart")
    names = [layer["data"]["name"] for layer in chart["layer"] if "name" in layer["data"]]
    assert names == [["Altadena"]] * 2


@pytest.mark.parametrize(
    ("statuses", "shown"),
    [
        (7, ["s0", "s1", "s2", "s3", "s4", "s5", "s6"]),
        (9, ["s0", "s1", "s2", "s3", "s4", "s5", "Other"]),
    ],
)
def test_more_statuses_than_colours_are_shown_as_one(
    statuses: int, shown: list[str], draw: Draw
) -> None:
    rows = [
        ("Eaton", f"s{status}", "x", AT, -118.1, 34.1)
        for status in range(statuses)
        for _ in range(20 - status)
    ]
    drawn = draw("on_a_map", {"places": rows_of(COLUMNS, *rows)})
    [chart] = drawn.of_kind("vega_lite_chart")
    [circles] = [layer for layer in chart["layer"] if layer["mark"]["type"] == "circle"]
    assert sorted(circles["encoding"]["color"]["scale"]["domain"]) == sorted(shown)
    assert len(circles["data"]["place"]) == len(rows)


@pytest.mark.parametrize("place", [(None, None), (-118.1, None), (None, 34.1)])
def test_points_without_a_whole_location_have_no_map(place: tuple[Any, Any], draw: Draw) -> None:
    drawn = draw("on_a_map", {"places": rows_of(COLUMNS, ("Eaton", "Done", "x", AT, *place))})
    assert drawn.of_kind("vega_lite_chart") == []
    assert drawn.of_kind("caption")[0].startswith("1 in all, 1 of them without a location.")
