"""Coordinates of any declared system to longitude and latitude."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyproj

from include.loaders.geometry.parts import Floats

WGS84 = 4326
# A little beyond the poles and the date line, for shapes that touch them.
SLACK = 0.001


class UnknownSystemError(ValueError):
    """A spatial reference that cannot be transformed to longitude and latitude."""


def to_degrees(xy: Floats, reference: dict[str, Any] | None) -> Floats:
    """Longitude and latitude on WGS 84, in degrees, shape (vertices, 2).

    Args:
        xy: Coordinates in the system that the answer declares, shape (vertices, 2); those that
            are not finite stay as they are.
        reference: The answer's `spatialReference`; without one, the coordinates are assumed to
            be in the requested system, which is WGS 84.

    Raises:
        UnknownSystemError: The system is unknown, or the result is not on Earth.
    """
    code = (reference or {}).get("latestWkid") or (reference or {}).get("wkid")
    wkt = (reference or {}).get("wkt") or (reference or {}).get("wkt2")
    finite: Any = slice(None)
    if not np.isfinite(xy).all():
        finite = np.isfinite(xy).all(axis=1)
    x, y = xy[finite, 0], xy[finite, 1]
    if not x.size:
        return xy
    degrees = xy
    if code != WGS84 and (code or wkt):
        x, y = _transformer(code, wkt).transform(x, y)
        degrees = xy.copy()
        degrees[finite, 0], degrees[finite, 1] = x, y
    west, east, south, north = x.min(), x.max(), y.min(), y.max()
    # Most systems make coordinates that they cannot transform infinite.
    if min(west + 180, south + 90) < -SLACK or max(east - 180, north - 90) > SLACK:
        raise UnknownSystemError(
            f"coordinates from ({west:.3f}, {south:.3f}) to ({east:.3f}, {north:.3f}) are not "
            f"longitude and latitude (declared system: {code or wkt or 'none'})"
        )
    return degrees


@lru_cache(maxsize=8)
def _transformer(code: int | None, wkt: str | None) -> pyproj.Transformer:
    try:
        return pyproj.Transformer.from_crs(_system(code, wkt), WGS84, always_xy=True)
    except pyproj.exceptions.CRSError as error:
        raise UnknownSystemError(f"unknown spatial reference {code or wkt} ({error})") from error


def _system(code: int | None, wkt: str | None) -> pyproj.CRS:
    if code is None:
        return pyproj.CRS.from_wkt(wkt or "")
    try:
        return pyproj.CRS.from_epsg(code)
    except pyproj.exceptions.CRSError:
        # Esri's own numbers, such as 102100, are not EPSG codes.
        return pyproj.CRS.from_authority("ESRI", code)
