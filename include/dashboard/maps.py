"""A map of points without a map server: coast, county lines, each fire's outline, a scale."""

import json
from math import cos, radians
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd
import shapely

from include.dashboard import outlines
from include.dashboard.outlines import Window
from include.times import CALIFORNIA

# Lines of one colour for both themes: at least 3:1 on white and on the dark background.
BORDER, FIRE = "#767676", "#D55E00"
BORDERS_NAME, FIRE_NAME = "Coast, county line", "Outline of the fire's places"
LINES: Final = {BORDERS_NAME: BORDER, FIRE_NAME: FIRE}
SQUARES_PER_HEIGHT: Final = 36
# Fewer points have no outline.
MIN_POINTS: Final = 10
MILES_PER_DEGREE: Final = 69.0
# Names for orientation: longitude and latitude in degrees.
PLACES: Final = {
    "Altadena": (-118.131, 34.190),
    "Pasadena": (-118.144, 34.148),
    "Sierra Madre": (-118.053, 34.162),
    "La Cañada Flintridge": (-118.200, 34.206),
    "Pacific Palisades": (-118.526, 34.048),
    "Malibu": (-118.690, 34.036),
    "Topanga": (-118.602, 34.094),
    "Santa Monica": (-118.491, 34.019),
    "Point Dume": (-118.806, 34.005),
}


class _Shapes(alt.InlineData):
    """Shapes that a chart's steps share: copies at each took half a second for a map."""

    def __deepcopy__(self, _: object) -> "_Shapes":
        return self


def window_around(points: pd.DataFrame) -> Window:
    """The bounds of points, with a margin."""
    west, east = points.longitude.min(), points.longitude.max()
    south, north = points.latitude.min(), points.latitude.max()
    margin = max(0.12 * max(east - west, north - south), 0.01)
    return Window(west - margin, south - margin, east + margin, north + margin)


def draw_map(points: pd.DataFrame, everything: pd.DataFrame, *, by_square: bool) -> alt.LayerChart:
    """Draw the map of one area.

    Args:
        points: The points to show: `longitude`, `latitude`, `status`, `fire_name`, `place`,
            `recorded_at`; the last is drawn on top.
        everything: All points of the area, which decide the window and the outlines.
        by_square: Count the points by square, as where they lie over each other.
    """
    window = window_around(everything)
    marks = _squares(count_by_square(points, window)) if by_square else _points(points)
    layers = alt.layer(
        _land(window),
        *_outlines(window, everything),
        marks,
        *_names(window),
        *_scale(window),
    )
    placed: alt.LayerChart = (
        layers.resolve_scale(color="independent", stroke="shared")
        .properties(height=420)
        .project(type="mercator")
    )
    return placed


def count_by_square(points: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Points by square of a grid.

    Returns:
        A row per square with points: `west`, `south`, `east`, `north` (degrees), `count` and
        `most` (the most frequent status).
    """
    height = (window.north - window.south) / SQUARES_PER_HEIGHT
    width = height / cos(radians((window.north + window.south) / 2))
    column = np.floor((points.longitude - window.west) / width).astype("int64")
    row = np.floor((points.latitude - window.south) / height).astype("int64")
    grid = points.assign(status=points.status.astype("str"), column=column, row=row)
    # A square's statuses, the most frequent first.
    kinds = grid.value_counts(["column", "row", "status"]).reset_index()
    squares = kinds.groupby(["column", "row"], as_index=False).agg(
        count=("count", "sum"), most=("status", "first")
    )
    west, south = window.west + squares.column * width, window.south + squares.row * height
    return squares.drop(columns=["column", "row"]).assign(
        west=west, south=south, east=west + width, north=south + height
    )


def fire_outlines(points: pd.DataFrame) -> dict[str, Any]:
    """For each fire with at least ten points, the line around them."""
    found = {}
    for fire, rows in points.groupby("fire_name"):
        shape = shapely.multipoints(rows[["longitude", "latitude"]].to_numpy())
        hull = shapely.concave_hull(shape, ratio=0.3)
        if len(rows) >= MIN_POINTS and hull.geom_type == "Polygon":
            found[str(fire)] = shapely.simplify(hull.buffer(0.001), 0.0003).exterior
    return found


def scale_of(window: Window) -> tuple[float, float]:
    """The length of the scale in miles, and in degrees of longitude."""
    middle = radians((window.north + window.south) / 2)
    across = (window.east - window.west) * MILES_PER_DEGREE * cos(middle)
    miles = max((each for each in (0.25, 0.5, 1, 2, 5, 10, 20) if each < across / 3), default=0.1)
    return miles, miles / (MILES_PER_DEGREE * cos(middle))


def _geojson(shape: Any, **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


def _shapes(features: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(_Shapes(features))


def _land(window: Window) -> alt.Chart:
    # For a screen reader the map is its description, not its shapes: hence `aria`.
    # Vega reads a ring that runs counterclockwise as its outside.
    land = shapely.orient_polygons(outlines.land(window), exterior_cw=True)
    features = [] if land.is_empty else [_geojson(land)]
    chart: alt.Chart = _shapes(features).mark_geoshape(fill=BORDER, fillOpacity=0.12, aria=False)
    return chart


def _lines(features: list[dict[str, Any]], domain: list[str], **mark: Any) -> alt.Chart:
    stroke = alt.Stroke(
        "properties.line:N",
        scale=alt.Scale(domain=domain, range=[LINES[name] for name in domain]),
        legend=alt.Legend(
            orient="bottom", title=None, symbolType="stroke", direction="vertical", labelLimit=300
        ),
    )
    chart: alt.Chart = (
        _shapes(features).mark_geoshape(filled=False, aria=False, **mark).encode(stroke=stroke)
    )
    return chart


def _outlines(window: Window, points: pd.DataFrame) -> list[alt.Chart]:
    borders = outlines.lines(window)
    fires = [
        _geojson(shape, line=FIRE_NAME, fire=fire) for fire, shape in fire_outlines(points).items()
    ]
    # The legend names only the lines that this map has.
    domain = [
        name for name, has in ((BORDERS_NAME, not borders.is_empty), (FIRE_NAME, fires)) if has
    ]
    layers = []
    if not borders.is_empty:
        layers.append(_lines([_geojson(borders, line=BORDERS_NAME)], domain, strokeWidth=1.5))
    if fires:
        layers.append(_lines(fires, domain, strokeWidth=2, strokeDash=[6, 3]))
    return layers


def _points(rows: pd.DataFrame) -> alt.Chart:
    local = rows.recorded_at.dt.tz_convert(CALIFORNIA).dt.strftime("%b %-d, %Y")
    chart: alt.Chart = (
        alt.Chart(rows.assign(recorded=local).drop(columns="recorded_at"))
        .mark_circle(size=40, opacity=0.9)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            color=alt.Color(
                "status:N",
                scale=alt.Scale(domain=list(rows.status.cat.categories)),
                legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=300),
            ),
            tooltip=[
                alt.Tooltip("place:N", title="Where"),
                alt.Tooltip("fire_name:N", title="Fire"),
                alt.Tooltip("status:N", title="Status"),
                alt.Tooltip("recorded:N", title="Recorded"),
            ],
        )
    )
    return chart


def _squares(squares: pd.DataFrame) -> alt.Chart:
    features = [
        _geojson(
            shapely.box(one.west, one.south, one.east, one.north, ccw=False),
            count=int(one.count), most=one.most,
        )
        for one in squares.itertuples()
    ]  # fmt: skip
    chart: alt.Chart = (
        _shapes(features)
        .mark_geoshape(stroke=BORDER, strokeWidth=0.4)
        .encode(
            fill=alt.Fill(
                "properties.count:Q",
                legend=alt.Legend(orient="bottom", title="places in a square", gradientLength=200),
            ),
            tooltip=[
                alt.Tooltip("properties.count:Q", title="In this square"),
                alt.Tooltip("properties.most:N", title="Most frequent status"),
            ],
        )
    )
    return chart


def _names(window: Window) -> list[alt.Chart]:
    rows = [
        (name, *place)
        for name, place in PLACES.items()
        if window.west < place[0] < window.east and window.south < place[1] < window.north
    ]
    near = pd.DataFrame(rows, columns=["name", "longitude", "latitude"])
    labels = alt.Chart(near).encode(longitude="longitude:Q", latitude="latitude:Q", text="name:N")
    return [] if near.empty else _texts(labels)


def _texts(labels: alt.Chart, **mark: Any) -> list[alt.Chart]:
    # The halo makes black readable on each theme and on the points.
    halo = labels.mark_text(fontSize=13, stroke="white", strokeWidth=4, **mark)
    return [halo, labels.mark_text(fontSize=13, color="black", **mark)]


def _scale(window: Window) -> list[alt.Chart]:
    miles, degrees = scale_of(window)
    left = window.west + 0.03 * (window.east - window.west)
    bottom = window.south + 0.04 * (window.north - window.south)
    bar = alt.Chart(
        pd.DataFrame(
            {
                "from": [left],
                "to": [left + degrees],
                "latitude": [bottom],
                "text": [f"{miles:g} mile{'s' if miles > 1 else ''}"],
            }
        )
    )
    rule = bar.mark_rule(strokeWidth=3, color=BORDER).encode(
        longitude="from:Q", latitude="latitude:Q", longitude2="to:Q", latitude2="latitude:Q"
    )
    text = bar.encode(longitude="from:Q", latitude="latitude:Q", text="text:N")
    return [rule, *_texts(text, align="left", dy=-10)]
