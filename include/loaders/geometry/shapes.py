"""A page's geometries: null in all its spellings, curves refused, invalid shapes repaired."""

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


def coordinates(
    geometries: Sequence[Mapping[str, Any] | None], member: str, curves: str
) -> list[Any]:
    """Each geometry's parts, quickly where all of them have nothing but parts.

    Args:
        geometries: Each feature's `geometry` member; `None` where there is none.
        member: The member that holds the coordinates.
        curves: The member that holds curves; empty where there can be none.

    Raises:
        MalformedError: A geometry has curves.
    """
    with suppress(KeyError, TypeError):
        if curves and all(len(one) == 1 for one in geometries):  # type: ignore[arg-type]
            return [one[member] for one in geometries]  # type: ignore[index]
    return [_coordinates(at, one, member, curves) for at, one in enumerate(geometries)]


def _coordinates(
    position: int, geometry: Mapping[str, Any] | None, member: str, curves: str
) -> list[Any] | None:
    """A geometry's parts; `None` for null, `{}`, no parts, empty parts and points without x."""
    if not geometry:
        return None
    if curves and geometry.get(curves):
        raise MalformedError(position, f"it has curves ({curves}), which were not asked for")
    value = geometry.get(member)
    if member == "x":
        y = geometry.get("y")
        return None if value in (None, "NaN") or y in (None, "NaN") else [[[value, y]]]
    if member == "points":
        return [value] if value else None
    return value if value and any(value) else None


# For each geometry type the member that holds its coordinates, the one that holds its curves
# and the dimension of a valid shape.
_MEMBERS = {
    "esriGeometryPolygon": ("rings", "curveRings", 2),
    "esriGeometryPolyline": ("paths", "curvePaths", 1),
    "esriGeometryMultipoint": ("points", "", 0),
    "esriGeometryPoint": ("x", "", 0),
}
SUPPORTED = frozenset(_MEMBERS)


@dataclass(frozen=True)
class Shapes:
    """The shapes of a page, and what happened to them.

    Attributes:
        wkb: One WKB value or `None` a feature.
        bounds: West, south, east and north of each shape, shape (features, 4); NaN for a null.
        kinds: The number of each shape's kind as shapely has it; -1 for a null.
        repaired: How many shapes were invalid and are valid now.
        lost: How many had coordinates of which no shape can be made; they are null.
    """

    wkb: NDArray[np.object_]
    bounds: Floats
    kinds: Integers
    repaired: int
    lost: int


def read_shapes(
    geometries: Sequence[Mapping[str, Any] | None],
    kind: str,
    reference: dict[str, Any] | None,
) -> Shapes:
    """A page's Esri geometries as WKB in longitude and latitude on WGS 84.

    Args:
        geometries: Each feature's `geometry` member; `None` where there is none.
        kind: The layer's `geometryType`, one of `SUPPORTED`.
        reference: The answer's `spatialReference`.

    Raises:
        MalformedError: A geometry is a curve, or its coordinates are none; it has the position.
        UnknownSystemError: The coordinates cannot be transformed.
    """
    member, curves, dimension = _MEMBERS[kind]
    given = coordinates(geometries, member, curves)
    parts = flatten(given)
    parts = Parts(to_degrees(parts.xy, reference), parts.part, parts.feature, parts.features)
    parts = _usable(parts, dimension)
    shapes = _build(parts, dimension, kind)
    repaired = _repair(shapes, dimension)
    there = np.array([bool(one) and any(one) for one in given], dtype=bool)
    return Shapes(
        wkb=shapely.to_wkb(shapes),
        bounds=shapely.bounds(shapes),
        kinds=shapely.get_type_id(shapes),
        repaired=repaired,
        lost=int((there & shapely.is_missing(shapes)).sum()),
    )


def no_shapes(features: int) -> Shapes:
    """The shapes of features that have none, as those of a table have."""
    none = np.full(features, None, dtype=object)
    return Shapes(none, shapely.bounds(none), shapely.get_type_id(none), repaired=0, lost=0)


def _usable(parts: Parts, dimension: int) -> Parts:
    """Without features that have a coordinate that is no number, and parts that are too short."""
    spoilt = np.zeros(len(parts.feature), dtype=bool)
    if not np.isfinite(parts.xy).all():
        broken = parts.part[~np.isfinite(parts.xy).all(axis=1)]
        spoilt = np.isin(parts.feature, parts.feature[broken])
    size = parts.sizes()
    if dimension == 2:  # noqa: PLR2004
        last = np.cumsum(size) - 1
        closed = np.zeros(len(size), dtype=bool)
        some = size > 0
        first = last[some] - size[some] + 1
        closed[some] = (parts.xy[first] == parts.xy[last[some]]).all(axis=1)
        size = size - closed
    kept = ~spoilt & (size > dimension)
    return parts if kept.all() else parts.keep(kept)


def _build(parts: Parts, dimension: int, kind: str) -> NDArray[np.object_]:
    if dimension == 2:  # noqa: PLR2004
        return polygons(parts)
    shapes = np.full(parts.features, None, dtype=object)
    if not len(parts.feature):
        return shapes
    owners, numbers = np.unique(parts.feature, return_inverse=True)
    if dimension == 1:
        lines = shapely.linestrings(parts.xy, indices=parts.part)
        count = np.bincount(numbers)
        shapes[owners] = shapely.multilinestrings(lines, indices=numbers)
        single = count[numbers] == 1
        shapes[parts.feature[single]] = lines[single]
    elif kind == "esriGeometryPoint":
        shapes[owners] = shapely.points(parts.xy)
    else:
        shapes[owners] = shapely.multipoints(shapely.points(parts.xy), indices=parts.part)
    return shapes


def _repair(shapes: NDArray[np.object_], dimension: int) -> int:
    """Make invalid polygons valid in place; what is left without an area becomes null."""
    if dimension != 2:  # noqa: PLR2004
        return 0
    broken = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    for position in broken:
        # "structure" keeps holes as holes where they cross a shell, and joins parts that overlap.
        mended = shapely.make_valid(shapes[position], method="structure", keep_collapsed=False)
        if not mended.is_valid:
            # It can leave parts that share an edge.
            mended = shapely.union_all(shapely.get_parts(mended))
        shapes[position] = None if mended.is_empty else mended
    return int((~shapely.is_missing(shapes[broken])).sum())
