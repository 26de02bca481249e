"""The maps of the view On a map: sizes, areas, places for orientation, and rare statuses."""

from typing import Any

import pytest

from include.dashboard.components import COLOURS
from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import Draw, rows_of

COLUMNS: dict[str, Kind] = {
    "fire_name": "text",
    "status": "text",
    "place": "text",
    "longitude": "number",
    "latitude": "number",
}


def points(count: int, statuses: int, place: tuple[float, float]) -> dict[str, Any]:
    """So many points at one place, whose statuses are the rarer the higher their number."""
    numbers = [min(number, statuses - 1) for number in range(count)]
    rows = [("Eaton", f"s{statuses - 1 - number}", "x", *place) for number in numbers]
    return {"places": rows_of(COLUMNS, *rows)}


@pytest.mark.parametrize(("count", "size"), [(1000, 40), (1001, 10)])
def test_many_points_are_small(count: int, size: int, draw: Draw) -> None:
    [chart] = draw("on_a_map", points(count, 1, (-118.1, 34.1))).of_kind("vega_lite_chart")
    assert chart["layer"][0]["mark"]["size"] == size


@pytest.mark.parametrize(
    ("longitude", "area"),
    [(-118.35, "Pacific Palisades and Malibu"), (-118.349, "Altadena and Pasadena")],
)
def test_each_area_has_a_map_if_it_has_points(longitude: float, area: str, draw: Draw) -> None:
    drawn = draw("on_a_map", points(1234, 1, (longitude, 34.1)))
    assert drawn.of_kind("subheader") == [f"{area}: 1,234"]
    assert len(drawn.of_kind("column")) == 4 + 1


def test_places_for_orientation_are_shown_where_points_are(draw: Draw) -> None:
    corners = [
        ("Eaton", "Done", "x", longitude, latitude)
        for longitude, latitude in ((-119.0, 33.0), (-118.4, 35.0), (-118.3, 33.0), (-118.0, 35.0))
    ]
    drawn = draw("on_a_map", {"places": rows_of(COLUMNS, *corners)})
    assert [chart["layer"][1]["data"] for chart in drawn.of_kind("vega_lite_chart")] == [
        {
            "name": ["Altadena", "Pasadena"],
            "longitude": [-118.131, -118.144],
            "latitude": [34.19, 34.148],
        },
        {
            "name": ["Pacific Palisades", "Malibu", "Topanga"],
            "longitude": [-118.526, -118.69, -118.602],
            "latitude": [34.048, 34.036, 34.094],
        },
    ]


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
        ("Eaton", f"s{status}", "x", -118.1, 34.1)
        for status in range(statuses)
        for _ in range(20 - status)
    ]
    drawn = draw("on_a_map", {"places": rows_of(COLUMNS, *rows)})
    [chart] = drawn.of_kind("vega_lite_chart")
    scale = chart["layer"][0]["encoding"]["color"]["scale"]
    assert sorted(scale["domain"]) == sorted(shown)
    assert scale["range"] == list(COLOURS)
    assert len(chart["layer"][0]["data"]["place"]) == len(rows)


@pytest.mark.parametrize("place", [(None, None), (-118.1, None), (None, 34.1)])
def test_points_without_a_whole_location_have_no_map(place: tuple[Any, Any], draw: Draw) -> None:
    drawn = draw("on_a_map", {"places": rows_of(COLUMNS, ("Eaton", "Done", "x", *place))})
    assert drawn.of_kind("vega_lite_chart") == []
    assert drawn.of_kind("caption")[0].startswith("1 in all, 1 of them without a location.")
