"""A page's geometries as WKB: every form of null, no curves, invalid shapes repaired."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from include.loaders.geometry.parts import Floats, Integers, MalformedError, Parts, flatten
from include.loaders.geometry.projection import to_degrees
from include.loaders.geometry.rings import polygons

Geometry = Mapping[str, Any] | None


@dataclass(frozen=True)
class Kind:
    """Esri's form of one kind of geometry.

    Attributes:
        coordinates: The member with the coordinates.
        curves: The member with curves; empty if the kind cannot have curves.
        dimension: The dimension of a valid shape.
    """

    coordinates: str
    curves: str
    dimension: int


POINT = Kind("x", "", 0)
MULTIPOINT = Kind("points", "", 0)
POLYLINE = Kind("paths", "curvePaths", 1)
POLYGON = Kind("rings", "curveRings", 2)
KINDS = {
    "esriGeometryPoint": POINT,
    "esriGeometryMultipoint": MULTIPOINT,
    "esriGeometryPolyline": POLYLINE,
    "esriGeometryPolygon": POLYGON,
}


@dataclass(frozen=True)
class Shapes:
    """The shapes of a page.

    Attributes:
        wkb: One WKB value or `None` a feature.
        bounds: West, south, east and north of each shape, shape (features, 4); NaN for a null.
        kinds: Shapely's number for the kind of each shape; -1 for a null.
        repaired: How many shapes were invalid and are valid now.
        lost: How many had coordinates that do not make a shape; they are null.
    """

    wkb: NDArray[np.object_]
    bounds: Floats
    kinds: Integers
    repaired: int
    lost: int


def read_shapes(
    geometries: Sequence[Geometry], geometry_type: str, reference: dict[str, Any] | None
) -> Shapes:
    """A page's Esri geometries as WKB in longitude and latitude on WGS 84.

    Args:
        geometries: Each feature's `geometry` member; `None` if the feature has none.
        geometry_type: The layer's `geometryType`, one of `KINDS`.
        reference: The answer's `spatialReference`.

    Raises:
        MalformedError: A geometry has curves, or coordinates that cannot be read.
        UnknownSystemError: The coordinates cannot be transformed.
    """
    kind = KINDS[geometry_type]
    given = _coordinates(geometries, kind)
    parts = flatten(given)
    parts = Parts(to_degrees(parts.xy, reference), parts.part, parts.feature, parts.features)
    shapes = _build(_usable(parts, kind), kind)
    repaired = _repair(shapes) if kind is POLYGON else 0
    had_coordinates = np.array([bool(lists) and any(lists) for lists in given], dtype=bool)
    return Shapes(
        wkb=shapely.to_wkb(shapes),
        bounds=shapely.bounds(shapes),
        kinds=shapely.get_type_id(shapes),
        repaired=repaired,
        lost=int((had_coordinates & shapely.is_missing(shapes)).sum()),
    )


def no_shapes(features: int) -> Shapes:
    """The shapes of a table's rows: null in each."""
    none = np.full(features, None, dtype=object)
    return Shapes(none, shapely.bounds(none), shapely.get_type_id(none), repaired=0, lost=0)


def _coordinates(geometries: Sequence[Geometry], kind: Kind) -> list[Any]:
    """Each geometry's parts.

    Raises:
        MalformedError: A geometry has curves.
    """
    # The quick way, for a page whose geometries have coordinates and nothing else.
    with suppress(KeyError, TypeError):
        if kind.curves and all(len(geometry) == 1 for geometry in geometries):  # type: ignore[arg-type]
            return [geometry[kind.coordinates] for geometry in geometries]  # type: ignore[index]
    return [_one_by_one(geometry, kind, position) for position, geometry in enumerate(geometries)]


def _one_by_one(geometry: Geometry, kind: Kind, position: int) -> list[Any] | None:
    """A geometry's parts; `None` for null, `{}`, no parts, empty parts and points without x."""
    if not geometry:
        return None
    if kind.curves and geometry.get(kind.curves):
        reason = f"the shape has curves ({kind.curves}), which were not requested"
        raise MalformedError(position, reason)
    value = geometry.get(kind.coordinates)
    if kind is POINT:
        y = geometry.get("y")
        return None if value in (None, "NaN") or y in (None, "NaN") else [[[value, y]]]
    if kind is MULTIPOINT:
        return [value] if value else None
    return value if value and any(value) else None


def _usable(parts: Parts, kind: Kind) -> Parts:
    """The parts without those that are too short, and without features with a bad coordinate."""
    spoilt = np.zeros(len(parts.feature), dtype=bool)
    if not np.isfinite(parts.xy).all():
        bad = parts.part[~np.isfinite(parts.xy).all(axis=1)]
        spoilt = np.isin(parts.feature, parts.feature[bad])
    size = parts.sizes()
    if kind is POLYGON:
        # The last vertex of a closed ring repeats the first one.
        last = np.cumsum(size) - 1
        closed = np.zeros(len(size), dtype=bool)
        some = size > 0
        first = last[some] - size[some] + 1
        closed[some] = (parts.xy[first] == parts.xy[last[some]]).all(axis=1)
        size = size - closed
    usable = ~spoilt & (size > kind.dimension)
    return parts if usable.all() else parts.select(usable)


def _build(parts: Parts, kind: Kind) -> NDArray[np.object_]:
    if kind is POLYGON:
        return polygons(parts)
    shapes = np.full(parts.features, None, dtype=object)
    if not len(parts.feature):
        return shapes
    owners, numbers = np.unique(parts.feature, return_inverse=True)
    if kind is POLYLINE:
        lines = shapely.linestrings(parts.xy, indices=parts.part)
        shapes[owners] = shapely.multilinestrings(lines, indices=numbers)
        single = np.bincount(numbers)[numbers] == 1
        shapes[parts.feature[single]] = lines[single]
    elif kind is POINT:
        shapes[owners] = shapely.points(parts.xy)
    else:
        shapes[owners] = shapely.multipoints(shapely.points(parts.xy), indices=parts.part)
    return shapes


def _repair(shapes: NDArray[np.object_]) -> int:
    """Make invalid polygons valid in place; returns how many were.

    A polygon that has no area after its repair becomes null.
    """
    broken = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    for position in broken:
        # "structure" leaves holes as holes where they cross a shell, and joins parts that overlap.
        repaired = shapely.make_valid(shapes[position], method="structure", keep_collapsed=False)
        if not repaired.is_valid:
            # The method can leave parts that share an edge.
            repaired = shapely.union_all(shapely.get_parts(repaired))
        shapes[position] = None if repaired.is_empty else repaired
    return int((~shapely.is_missing(shapes[broken])).sum())
