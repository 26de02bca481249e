"""Shapes as ArcGIS stores them, with the difficult kinds."""

import random
from collections.abc import Iterable
from itertools import pairwise
from math import hypot
from typing import Any, Final

from local.data.parcels import Ring
from local.data.sample_values import pick

Rings = list[Ring]
Box = tuple[float, float, float, float]

_PART_APART: Final = 120.0
_KINDS: Final = {
    "plain": 980,
    "none": 6,
    "holes": 6,
    "parts": 6,
    "parts and holes": 1,
    "crossed": 1,
}


def shaped(rng: random.Random, ring: Ring) -> Rings | None:
    """A lot's rings; one lot in fifty has none, a hole, two parts or a ring that crosses itself."""
    kind = pick(rng, _KINDS)
    if kind == "none":
        return None
    if kind == "crossed":
        return [crossed(ring)]
    rings = [ring]
    if "parts" in kind:
        rings.append(moved(ring, _PART_APART))
    if "holes" in kind:
        rings += [hole(ring) for ring in rings]
    return rings


def hole(ring: Ring) -> Ring:
    """A smaller copy around the ring's centre, wound the other way."""
    corners = ring[:-1]
    x = sum(corner[0] for corner in corners) / len(corners)
    y = sum(corner[1] for corner in corners) / len(corners)
    inner = [[round(x + (a - x) * 0.3, 3), round(y + (b - y) * 0.3, 3)] for a, b in ring]
    return inner[::-1]


def moved(ring: Ring, metres: float) -> Ring:
    """The same ring further east."""
    return [[round(x + metres, 3), y] for x, y in ring]


def crossed(ring: Ring) -> Ring:
    """The ring with two corners swapped, so that it crosses itself."""
    first, second, third, *rest = ring
    return [first, third, second, *rest]


def measured(rings: Rings | None) -> tuple[float | None, float | None]:
    """Area and length as a hosted layer declares them, in its own units; `None` without a shape."""
    if rings is None:
        return None, None
    area = length = 0.0
    for ring in rings:
        x, y = ring[0]
        for (a, b), (c, d) in pairwise(ring):
            area -= ((a - x) * (d - y) - (c - x) * (b - y)) / 2
            length += hypot(c - a, d - b)
    return round(abs(area), 6), round(length, 6)


def extent(shapes: Iterable[Rings | None]) -> Box:
    """(xmin, ymin, xmax, ymax) of every ring."""
    points = [point for rings in shapes if rings for ring in rings for point in ring]
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def feature(attributes: dict[str, Any], rings: Rings | None) -> dict[str, Any]:
    """A feature in the data folder's format."""
    return {"attributes": attributes, "geometry": None if rings is None else {"rings": rings}}
