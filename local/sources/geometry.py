"""Rings in both coordinate systems of the layers, and as GeoJSON.

Stored rings are web mercator (102100), as ArcGIS stores them: outer rings clockwise, holes
counter-clockwise. All the rings of a layer are projected to WGS84 (4326) at once.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from pyproj import Transformer

Ring = list[list[float]]
Rings = list[Ring]

SYSTEMS: Final = {4326: (4326, 4326), 102100: (102100, 3857), 3857: (102100, 3857)}
"""The wkid and latestWkid of the response, by the wkid that a client requests."""

_DECIMALS: Final = 8


def to_wgs84(shapes: Sequence[Rings | None]) -> list[Rings | None]:
    """Project shapes to degrees, longitude first, to 8 decimals (a millimetre)."""
    flat = [point for rings in shapes if rings for ring in rings for point in ring]
    if not flat:
        return list(shapes)
    mercator = np.asarray(flat, dtype=float)
    transformer = Transformer.from_crs(3857, 4326, always_xy=True)
    lon, lat = transformer.transform(mercator[:, 0], mercator[:, 1])
    degrees = iter(np.round(np.column_stack((lon, lat)), _DECIMALS).tolist())
    return [
        None if rings is None else [[next(degrees) for _ in ring] for ring in rings]
        for rings in shapes
    ]


def rounded(rings: Rings, decimals: int) -> Rings:
    """Round the coordinates to so many decimals (`geometryPrecision`)."""
    return [[[round(x, decimals), round(y, decimals)] for x, y in ring] for ring in rings]


def as_geojson(rings: Rings | None, *, hosted: bool) -> dict[str, Any] | None:
    """The shape as a GeoJSON geometry, with ArcGIS Online's mistake for a hosted layer.

    ArcGIS Online puts all the rings of a shape into one Polygon, so that its second part reads as a
    hole of its first. A map service groups them correctly, into a MultiPolygon if necessary.
    """
    if not rings:
        return None
    if hosted:
        return {"type": "Polygon", "coordinates": [ring[::-1] for ring in rings]}
    parts = _parts(rings)
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _parts(rings: Rings) -> list[Rings]:
    """Outer rings, each with its holes, wound as in RFC 7946: outer counter-clockwise."""
    outers = [ring for ring in rings if signed_area(ring) <= 0]
    parts: list[Rings] = [[ring[::-1]] for ring in outers]
    areas = [shapely.Polygon(ring) for ring in outers]
    for hole in (ring for ring in rings if signed_area(ring) > 0):
        point = shapely.Point(hole[0])
        owner = next((n for n, area in enumerate(areas) if area.covers(point)), None)
        if owner is None:
            parts.append([hole])
        else:
            parts[owner].append(hole[::-1])
    return parts


def signed_area(ring: Ring) -> float:
    """Positive for a counter-clockwise ring, negative for a clockwise one."""
    # Relative to the ring's first corner: web mercator's large numbers lose a small ring's area.
    x, y = ring[0][:2]
    return sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in pairwise(ring)) / 2
