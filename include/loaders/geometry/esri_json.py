"""The coordinates of Esri's geometry objects, in the spelling of their layer or of another type.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/geometry-objects/
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from include.loaders.excerpts import short_repr
from include.loaders.geometry.parts import MalformedError, to_ordinate


@dataclass(frozen=True)
class Kind:
    """Esri's form of one kind of geometry.

    Attributes:
        coordinates: The member with the coordinates.
        dimension: The dimension of a valid shape.
        members: How many members a geometry needs.
    """

    coordinates: str
    dimension: int
    members: int = 1


POINT = Kind("x", 0, members=2)
MULTIPOINT = Kind("points", 0)
POLYLINE = Kind("paths", 1)
POLYGON = Kind("rings", 2)
KINDS = {
    "esriGeometryPoint": POINT,
    "esriGeometryMultipoint": MULTIPOINT,
    "esriGeometryPolyline": POLYLINE,
    "esriGeometryPolygon": POLYGON,
}
_CURVES = ("curveRings", "curvePaths")
_ENVELOPE = ("xmin", "ymin", "xmax", "ymax")
# Members that say something about coordinates and are none themselves.
_OTHERS = {
    *("spatialReference", "hasZ", "hasM", "z", "m", "id", "x", "y", *_CURVES, *_ENVELOPE),
    *("zmin", "zmax", "mmin", "mmax", "idmin", "idmax", "points", "paths", "rings"),
}
# Esri's null for x, y and the sides of an envelope.
_NOTHING = (None, "NaN")


@dataclass
class Coordinates:
    """The coordinates of a page's geometries.

    Attributes:
        parts: The parts of each geometry; `None` for one without coordinates.
        other_kind: The positions of geometries with coordinates of another kind.
        references: The geometries' own spatial references, by position.
    """

    parts: list[Any]
    other_kind: list[int] = field(default_factory=list)
    references: dict[int, Any] = field(default_factory=dict)


def read_coordinates(geometries: Sequence[Any], kind: Kind) -> Coordinates:
    """The coordinates of each geometry, as parts for `flatten`.

    A point is read as a multipoint of one and the reverse, and an envelope as a polygon. What
    else is spelled as another kind (a path in a layer of polygons, GeoJSON) is reported.

    Args:
        geometries: Each feature's `geometry` member; `None` if the feature has none.
        kind: The kind of the layer's geometries.

    Raises:
        MalformedError: A geometry is not an object, or has curves.
    """
    # The quick way, for a page whose geometries have coordinates and nothing else.
    with suppress(KeyError, TypeError):
        if kind.dimension and all(len(geometry) == 1 for geometry in geometries):
            given = [geometry[kind.coordinates] for geometry in geometries]
            if {*map(type, given)} <= {list}:
                return Coordinates(given)
    found = Coordinates([None] * len(geometries))
    for position, geometry in enumerate(geometries):
        if geometry is None:
            continue
        if not isinstance(geometry, dict):
            raise MalformedError(position, f"{short_repr(geometry)} is not an object")
        try:
            parts = _parts(geometry, kind)
            # Most geometries have their coordinates and nothing else.
            if parts is None or len(geometry) > kind.members:
                _check_curves(geometry)
                if parts is None and _has_other_coordinates(geometry):
                    found.other_kind.append(position)
                if geometry.get("spatialReference") is not None:
                    found.references[position] = geometry["spatialReference"]
        except (TypeError, ValueError, OverflowError) as error:
            raise MalformedError(position, str(error)) from error
        found.parts[position] = parts
    return found


def _check_curves(geometry: dict[str, Any]) -> None:
    for name in _CURVES:
        if geometry.get(name):
            raise ValueError(f"the shape has curves ({name}), which were not requested")


def _parts(geometry: dict[str, Any], kind: Kind) -> list[Any] | None:
    """A geometry's parts; `None` for no parts, empty parts and points without x."""
    if kind.dimension:
        parts = _listed(geometry, kind.coordinates)
        return parts or (_ring_around(geometry) if kind is POLYGON else None)
    point = _point(geometry)
    if kind is POINT and point:
        return [point]
    points = _listed(geometry, "points")
    if kind is MULTIPOINT:
        return [points] if points else point and [point]
    return [points] if points and len(points) == 1 else None


def _listed(geometry: dict[str, Any], name: str) -> list[Any] | None:
    """A member that is a list of parts; `None` if none of the parts has coordinates."""
    value = geometry.get(name)
    if value is not None and not isinstance(value, list):
        raise TypeError(f"the {name} are {short_repr(value)}, not a list")
    return value if value and any(part not in (None, []) for part in value) else None


def _point(geometry: dict[str, Any]) -> list[Any] | None:
    """A point as a list of one vertex; `None` without x. One without y is not usable."""
    x, y = geometry.get("x"), geometry.get("y")
    return None if x in _NOTHING else [[x, None if y in _NOTHING else y]]


def _ring_around(geometry: dict[str, Any]) -> list[Any] | None:
    """An envelope as the ring of a polygon; `None` if it has no sides."""
    sides = [geometry.get(name) for name in _ENVELOPE]
    if all(side in _NOTHING for side in sides):
        return None
    west, south, east, north = map(to_ordinate, sides)
    if west > east or south > north:
        # Its sides are swapped, or it crosses the date line: nobody knows.
        west = float("nan")
    return [[[west, south], [west, north], [east, north], [east, south], [west, south]]]


def _has_other_coordinates(geometry: dict[str, Any]) -> bool:
    """True if a geometry that has no coordinates of its kind has some of another one."""
    return (
        any(_listed(geometry, name) for name in ("points", "paths", "rings"))
        or _point(geometry) is not None
        or _ring_around(geometry) is not None
        or any(geometry[name] is not None for name in geometry.keys() - _OTHERS)
    )
