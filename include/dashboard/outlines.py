"""The coast and the county lines around the two burn areas, for maps without a map server.

`outlines.json` names its origin. No maintained package has these lines: vega-datasets downloads its
file us-10m.json, and the counties of bokeh-sampledata end three miles out at sea.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import shapely

FILE = Path(__file__).parent / "outlines.json"


class Window(NamedTuple):
    """A map's bounds, in degrees: the order of shapely's `bounds`."""

    west: float
    south: float
    east: float
    north: float


def land(window: Window) -> Any:
    """The land within a window, a shape."""
    return shapely.clip_by_rect(_shape("land"), *window)


def lines(window: Window) -> Any:
    """The coast and the county lines within a window, a shape; empty where there are none."""
    return shapely.clip_by_rect(_shape("lines"), *window)


@cache
def _shape(name: str) -> Any:
    return shapely.from_geojson(json.dumps(json.loads(FILE.read_text())[name]))
