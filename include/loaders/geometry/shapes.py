"""A page's geometries as WKB: every form of null, invalid shapes repaired, none moved silently."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from include.loaders.excerpts import LENGTH
from include.loaders.geometry.esri_json import (
    KINDS,
    POINT,
    POLYGON,
    POLYLINE,
    Coordinates,
    Kind,
    read_coordinates,
)
from include.loaders.geometry.parts import Floats, Integers, MalformedError, Parts, flatten
from include.loaders.geometry.projection import (
    UnknownSystemError,
    declared_names,
    to_degrees,
    without_value,
)
from include.loaders.geometry.rings import polygons


@dataclass(frozen=True)
class Shapes:
    """The shapes of a page.

    Attributes:
        wkb: One WKB value or `None` a feature.
        bounds: West, south, east and north of each shape, shape (features, 4); NaN for a null.
        kinds: Shapely's number for the kind of each shape; -1 for a null.
        repaired: How many shapes were invalid and are valid now.
        lost: How many had coordinates that do not make a shape; they are null.
        off_earth: The positions of those with coordinates that are not on Earth; they are null.
        other_kind: The positions of those of another kind than the layer's; they are null.
    """

    wkb: NDArray[np.object_]
    bounds: Floats
    kinds: Integers
    repaired: int
    lost: int
    off_earth: Integers
    other_kind: Integers


def read_shapes(geometries: Sequence[Any], geometry_type: str, reference: Any) -> Shapes:
    """A page's Esri geometries as WKB in longitude and latitude on WGS 84.

    A shape with a vertex that is not on Earth is null. If this would make null of several shapes
    and of more than half of those on the page, the declared system is wrong instead.

    Args:
        geometries: Each feature's `geometry` member; `None` if the feature has none.
        geometry_type: The layer's `geometryType`, one of `KINDS`.
        reference: The answer's `spatialReference`; that of a geometry itself goes before.

    Raises:
        MalformedError: A geometry has curves, or coordinates that cannot be read.
        UnknownSystemError: The system is unknown, or not that of the coordinates.
    """
    kind = KINDS[geometry_type]
    given = read_coordinates(geometries, kind)
    raw = flatten(given.parts)
    parts = Parts(_in_degrees(raw, given, reference), raw.part, raw.feature, raw.features)
    off_earth = _off_earth(parts, raw, reference)
    shapes = _build(_usable(parts, kind), kind)
    repaired = _repair(shapes) if kind is POLYGON else 0
    is_lost = np.array([bool(lists) and any(lists) for lists in given.parts], dtype=bool)
    is_lost &= shapely.is_missing(shapes)
    is_lost[off_earth] = False
    return Shapes(
        wkb=shapely.to_wkb(shapes),
        bounds=shapely.bounds(shapes),
        kinds=shapely.get_type_id(shapes),
        repaired=repaired,
        lost=int(is_lost.sum()),
        off_earth=off_earth,
        other_kind=np.array(given.other_kind, dtype=np.int64),
    )


def no_shapes(features: int) -> Shapes:
    """The shapes of a table's rows: null in each."""
    return read_shapes([None] * features, "esriGeometryPoint", None)


def _in_degrees(parts: Parts, given: Coordinates, reference: Any) -> Floats:
    """The coordinates in degrees, each from the system of its geometry or else of its page."""
    if not given.references:
        return to_degrees(parts.xy, reference)
    # The features of each system: few pages have more than one.
    systems: dict[tuple[int | str, ...], tuple[Any, list[int]]] = {}
    for position in range(parts.features):
        own = given.references.get(position, reference)
        try:
            names = declared_names(own)
        except UnknownSystemError as error:
            raise MalformedError(position, str(error)) from error
        systems.setdefault(names, (own, []))[1].append(position)
    degrees = np.empty_like(parts.xy)
    of_vertex = parts.feature[parts.part]
    for own, positions in systems.values():
        chosen = np.isin(of_vertex, positions)
        degrees[chosen] = to_degrees(parts.xy[chosen], own)
    return degrees


def _off_earth(parts: Parts, raw: Parts, reference: Any) -> Integers:
    """The positions of features with a vertex that is not on Earth.

    Raises:
        UnknownSystemError: So many are not that the declared system is wrong.
    """
    is_infinite = np.isinf(parts.xy)
    if not is_infinite.any():
        return np.empty(0, dtype=np.int64)
    is_off = is_infinite.any(axis=1)
    of_vertex = parts.feature[parts.part]
    # A vertex without a value says nothing about the system.
    has_value = ~without_value(raw.xy)
    wrong = np.unique(of_vertex[is_off & has_value])
    if len(wrong) > 1 and 2 * len(wrong) > (present := len(np.unique(of_vertex[has_value]))):
        x, y = raw.xy[is_off & has_value][0].tolist()
        names = declared_names(reference)
        raise UnknownSystemError(
            f"{len(wrong):,} of {present:,} shapes have coordinates that are not longitude and "
            f"latitude, first ({x:.10g}, {y:.10g}) "
            f"(declared system: {str(names[0])[:LENGTH] if names else 'none'})"
        )
    return np.unique(of_vertex[is_off])


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
