"""Parcels on street grids inside the burned areas, in web mercator metres.

Blocks have twenty lots, two rows of ten back to back, on a grid turned as the neighbourhood's
streets are. EPA and USACE describe the same parcels.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import shapely

from local.data.areas import Area, mercator
from local.data.sample_values import STREETS

Ring = list[list[float]]

_WIDTH: Final = 22.0
_DEPTH: Final = 50.0
_ALONG: Final = 10
_BLOCK: Final = (_ALONG * _WIDTH + 16.0, 2 * _DEPTH + 18.0)
"""A block with its streets, in metres on the ground."""


@dataclass(frozen=True)
class Parcel:
    """One lot. `ring` is closed and clockwise, as ArcGIS stores outer rings."""

    area: str
    apn: str
    address: str
    ring: Ring


@dataclass(frozen=True)
class _Grid:
    """Converts ground metres along an area's streets to web mercator, which stretches them."""

    x: float
    y: float
    cos: float
    sin: float

    def point(self, along: float, across: float) -> list[float]:
        x = self.x + along * self.cos - across * self.sin
        y = self.y + along * self.sin + across * self.cos
        return [round(x, 3), round(y, 3)]


def lay_out(area: Area, count: int, rng: random.Random) -> list[Parcel]:
    """Choose so many lots of an area at random; return them block by block.

    Args:
        area: The neighbourhood.
        count: The number of lots; the others did not burn.
        rng: The generator.

    Raises:
        ValueError: The area has fewer lots.
    """
    outline = shapely.Polygon([mercator(*corner) for corner in area.outline])
    shapely.prepare(outline)
    stretch = 1 / math.cos(math.radians(area.outline[0][1]))
    turn, centre = math.radians(area.degrees), outline.centroid
    grid = _Grid(centre.x, centre.y, math.cos(turn) * stretch, math.sin(turn) * stretch)
    west, south, east, north = outline.bounds
    reach = math.hypot(east - west, north - south) / 2 / stretch
    lots = list(_lots(area, grid, reach, outline, rng))
    if len(lots) < count:
        raise ValueError(f"{area.name} has {len(lots)} lots, fewer than {count}.")
    return [lots[place] for place in sorted(rng.sample(range(len(lots)), count))]


def _lots(
    area: Area, grid: _Grid, reach: float, outline: shapely.Polygon, rng: random.Random
) -> Iterator[Parcel]:
    """The lots whose first corner is inside the outline."""
    columns, rows = (math.ceil(reach / side) for side in _BLOCK)
    streets = STREETS[area.name]
    for block, (row, column) in enumerate(product(range(-rows, rows), range(-columns, columns))):
        left, bottom = column * _BLOCK[0], row * _BLOCK[1]
        for lot in range(2 * _ALONG):
            side, place = divmod(lot, _ALONG)
            along, across = left + place * _WIDTH, bottom + side * _DEPTH
            setback = rng.uniform(-4, 4)
            if not shapely.contains_xy(outline, *grid.point(along, across)):
                continue
            number = (column + columns) * 100 + 2 * place * 4 + side + 1
            yield Parcel(
                area=area.name,
                apn=f"{area.book + block // 99:04d}{block % 99 + 1:03d}{lot + 1:03d}",
                address=f"{number} {streets[(row + side) % len(streets)]}",
                ring=_ring(grid, along, across, setback),
            )


def _ring(grid: _Grid, along: float, across: float, setback: float) -> Ring:
    """A lot with a clipped corner; its depth varies."""
    right, top = along + _WIDTH, across + _DEPTH + min(setback, 0)
    corners = ((along, across), (along, top), (right - 3, top), (right, top - 6), (right, across))
    ring = [grid.point(*corner) for corner in corners]
    return [*ring, ring[0]]
