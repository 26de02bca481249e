"""Rings to polygons, by containment and orientation.

Esri's polygons are sets of rings, filled by the even-odd rule: a ring inside another is its hole,
a ring inside the hole is land again. A shell is clockwise and a hole counter-clockwise, but not
every service follows that, so orientation decides only where containment does not: for rings
that cross.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from include.loaders.geometry.parts import Integers, Parts

Geometries = NDArray[np.object_]


def polygons(parts: Parts) -> Geometries:
    """One Polygon or MultiPolygon a feature; `None` for a feature without rings.

    Args:
        parts: Rings of at least three distinct vertices, finite, closed or not.
    """
    shapes = np.full(parts.features, None, dtype=object)
    if not len(parts.feature):
        return shapes
    rings = shapely.linearrings(parts.xy, indices=parts.part)
    count = np.bincount(parts.feature, minlength=parts.features)
    # Most features have one ring: they need no grouping.
    alone = count[parts.feature] == 1
    shapes[parts.feature[alone]] = shapely.polygons(rings[alone])
    if not alone.all():
        grouped, feature = _group(rings[~alone], parts.feature[~alone])
        _assign(shapes, grouped, feature)
    return shapes


def _group(rings: Geometries, feature: Integers) -> tuple[Geometries, Integers]:
    """Polygons with their holes, and the feature of each, ascending."""
    rings, filled, feature = _without_repeats(rings, feature)
    area, clockwise = shapely.area(filled), ~shapely.is_ccw(rings)
    outer, inner = _candidates(filled, feature)
    larger = area[outer] > area[inner]
    outer, inner = outer[larger], inner[larger]
    # From the largest outer ring to the smallest: the last assignment is the closest container.
    order = np.argsort(-area[outer], kind="stable")
    outer, inner = outer[order], inner[order]

    covered = shapely.covers(filled[outer], filled[inner])
    shell = np.bincount(inner[covered], minlength=len(rings)) % 2 == 0
    container = np.full(len(rings), -1)
    container[inner[covered]] = outer[covered]

    # A counter-clockwise ring that sticks out of a clockwise shell is its hole all the same.
    crossing = (container[inner] < 0) & ~clockwise[inner] & clockwise[outer] & shell[outer]
    around, hole = outer[crossing], inner[crossing]
    # Neighbours may overlap by a sliver; a hole lies mostly inside.
    common = shapely.area(shapely.intersection(filled[around], filled[hole]))
    inside = common > area[hole] / 2
    shell[hole[inside]] = False
    container[hole[inside]] = around[inside]

    # Where rings cross, a ring's closest container may be a hole itself: then the ring is land.
    shell |= ~shell[container]
    owner = np.where(shell, np.arange(len(rings)), container)
    number = (np.cumsum(shell) - 1)[owner]
    order = np.lexsort((~shell, number))
    return shapely.polygons(rings[order], indices=number[order]), feature[shell]


def _candidates(filled: Geometries, feature: Integers) -> tuple[Integers, Integers]:
    """Pairs of different rings of one feature whose bounding boxes meet, in both orders."""
    west, south, east, north = shapely.bounds(filled).T
    # One index serves the whole page: each feature's boxes are moved to a place of their own.
    shift = feature * (east.max() - west.min() + 1)
    boxes = shapely.box(west + shift, south, east + shift, north)
    one, other = shapely.STRtree(boxes).query(boxes)
    different = one != other
    return one[different], other[different]


def _without_repeats(
    rings: Geometries, feature: Integers
) -> tuple[Geometries, Geometries, Integers]:
    """The rings, their areas as valid polygons and their features, each ring of a feature once."""
    filled = shapely.polygons(rings)
    keys = zip(feature.tolist(), shapely.to_wkb(shapely.normalize(filled)), strict=True)
    first: dict[tuple[int, bytes], int] = {}
    for position, key in enumerate(keys):
        first.setdefault(key, position)
    kept = list(first.values())
    # Predicates need valid polygons; the rings themselves stay as they are.
    broken = ~shapely.is_valid(filled)
    filled[broken] = shapely.make_valid(filled[broken])
    return rings[kept], filled[kept], feature[kept]


def _assign(shapes: Geometries, grouped: Geometries, feature: Integers) -> None:
    """Put each feature's polygons into `shapes`, several of them as one MultiPolygon."""
    count = np.bincount(feature, minlength=len(shapes))
    single = count[feature] == 1
    shapes[feature[single]] = grouped[single]
    if not single.all():
        owners, numbers = np.unique(feature[~single], return_inverse=True)
        shapes[owners] = shapely.multipolygons(grouped[~single], indices=numbers)
