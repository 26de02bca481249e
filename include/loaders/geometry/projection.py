"""Coordinates of any declared system to longitude and latitude.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/geometry-objects/
"""

from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.enums import TransformDirection

from include.loaders.excerpts import LENGTH, short_repr
from include.loaders.geometry.parts import Floats
from include.loaders.values import integer

WGS84 = 4326
# A little beyond the poles and the date line, for shapes that touch them.
SLACK = 0.001
_HALF_TURN = 180.0
_EAST, _NORTH = _HALF_TURN + SLACK, 90 + SLACK
# Esri's formats write a number beyond this one where there is no value: -1.797e308, -3.4e38.
_NO_VALUE = 1e38
# In metres or feet. Earth's circumference is 4e7 metres, and some systems write a zone before x.
FARTHEST = 1e8
# A coordinate that comes back this far from where it was had wrapped around the Earth.
_RETURN = 0.01

# A system's number, or its well-known text.
Name = int | str


class UnknownSystemError(ValueError):
    """A spatial reference that cannot be transformed to longitude and latitude."""


def to_degrees(xy: Floats, reference: Any) -> Floats:
    """Longitude and latitude on WGS 84, in degrees, shape (vertices, 2).

    Args:
        xy: Coordinates in the system that the answer declares, shape (vertices, 2).
        reference: The answer's `spatialReference`; without one, the coordinates are assumed to
            be in the requested system, which is WGS 84.

    Returns:
        The coordinates; NaN stays NaN, and a vertex that is not on Earth has an infinite one.

    Raises:
        UnknownSystemError: The system is unknown.
    """
    has_value = np.abs(xy) < _NO_VALUE
    if not has_value.all():
        usable = has_value.all(axis=1)
        degrees = np.where(has_value | np.isnan(xy), xy, np.inf)
        if usable.any():
            degrees[usable] = to_degrees(xy[usable], reference)
        return degrees
    if not len(xy):
        return xy
    system = find_system(declared_names(reference))
    degrees = xy if system is None else system.to_degrees(xy)
    is_on_earth = (np.abs(degrees[:, 0]) <= _EAST) & (np.abs(degrees[:, 1]) <= _NORTH)
    return degrees if is_on_earth.all() else np.where(is_on_earth[:, None], degrees, np.inf)


def without_value(xy: Floats) -> NDArray[np.bool_]:
    """True for each vertex with an ordinate that Esri's formats write for no value."""
    return np.asarray(~(np.abs(xy) < _NO_VALUE).all(axis=1), dtype=np.bool_)


def declared_names(reference: Any) -> tuple[Name, ...]:
    """The names that a spatial reference gives for its system, the best one first.

    Numbers may be text or have a decimal point. Those that Esri writes for a system without a
    number (0, and negative ones) are left out. The numbers of heights (`vcsWkid`) do not matter.

    Args:
        reference: The answer's `spatialReference`; `None` if it has none.

    Returns:
        The names; none if the reference declares no system.

    Raises:
        UnknownSystemError: The reference is not an object, or declares a system without a name.
    """
    if reference is None:
        return ()
    if not isinstance(reference, dict):
        raise UnknownSystemError(f"the spatial reference is {short_repr(reference)}, not an object")
    names: list[Name] = []
    given = [reference.get(member) for member in ("latestWkid", "wkid")]
    for value in given:
        try:
            number = integer(value)
        except (ValueError, TypeError, OverflowError):
            continue
        if number is not None and number > 0:
            names.append(number)
    texts = [reference.get(member) for member in ("wkt", "wkt2", "latestWkt")]
    names += [text for text in texts if isinstance(text, str) and text.strip()]
    declared = [value for value in given + texts if value is not None and value != ""]
    if declared and not names:
        raise UnknownSystemError(f"unknown spatial reference {short_repr(declared[0])}")
    return tuple(names)


class System:
    """A system of coordinates other than WGS 84.

    PROJ turns longitudes that a system's formulas put beyond the date line, and so draws an x that
    is no place at all somewhere on Earth. Longitudes are read without that turn, and turned only
    if they lead back to the coordinates that they came from.
    """

    def __init__(self, crs: pyproj.CRS) -> None:
        self._straight = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True, force_over=True)
        self._turned = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
        self._farthest = FARTHEST if crs.is_projected else np.inf

    def to_degrees(self, xy: Floats) -> Floats:
        """Longitude and latitude; infinite for coordinates that the system cannot have."""
        degrees = _transform(self._straight, xy)
        beyond = np.flatnonzero(np.abs(degrees[:, 0]) > _HALF_TURN)
        if beyond.size:
            given = xy[beyond]
            turned = _transform(self._turned, given)
            back = _transform(self._turned, turned, TransformDirection.INVERSE)
            with np.errstate(invalid="ignore"):
                allowed = _RETURN * np.maximum(np.abs(given), 1.0)
                returns = (np.abs(back - given) <= allowed).all(axis=1)
            degrees[beyond[returns]] = turned[returns]
        if (too_far := np.abs(xy) > self._farthest).any():
            degrees[too_far.any(axis=1)] = np.inf
        return degrees


@lru_cache(maxsize=8)
def find_system(names: tuple[Name, ...]) -> System | None:
    """The first of the named systems that is known; `None` for WGS 84.

    Raises:
        UnknownSystemError: None of them is known.
    """
    errors = []
    for name in names:
        if name == WGS84:
            return None
        try:
            return System(_crs(name))
        except (pyproj.exceptions.ProjError, ValueError) as error:
            errors.append(error)
    if not names:
        return None
    reason = str(errors[0])[: 2 * LENGTH]
    raise UnknownSystemError(
        f"unknown spatial reference {str(names[0])[:LENGTH]} ({reason})"
    ) from errors[0]


def _crs(name: Name) -> pyproj.CRS:
    if isinstance(name, str):
        crs = pyproj.CRS.from_wkt(name)
    else:
        try:
            crs = pyproj.CRS.from_epsg(name)
        except pyproj.exceptions.CRSError:
            # Esri's own numbers, such as 102100, are not EPSG codes.
            crs = pyproj.CRS.from_authority("ESRI", name)
    if not (crs.is_geographic or crs.is_projected):
        raise ValueError("not a system of places on the ground")
    return crs


def _transform(
    transformer: pyproj.Transformer,
    xy: Floats,
    direction: TransformDirection = TransformDirection.FORWARD,
) -> Floats:
    x, y = transformer.transform(xy[:, 0], xy[:, 1], direction=direction)
    return np.stack([x, y], axis=1)
