"""Rings to polygons, by containment and orientation.

Esri's polygons are bags of rings, filled by the even-odd rule: a ring inside another is its hole,
a ring inside the hole is land again. A shell is clockwise and a hole counter-clockwise, but not
every service keeps to that, so orientation decides only where containment does not: for rings
that cross.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from include.loaders.geometry.parts import Floats, Integers, Parts

# Above this many rings in one feature, an index finds the pairs that could nest.
MANY = 256


def polygons(parts: Parts) -> NDArray[np.object_]:
    """One Polygon or MultiPolygon a feature; `None` for a feature without rings.

    Args:
        parts: Rings of at least three distinct vertices, finite, closed or not.
    """
    shapes = np.full(parts.features, None, dtype=object)
    if not len(parts.feature):
        return shapes
    rings = shapely.linearrings(parts.xy, indices=parts.part)
    count = np.bincount(parts.feature, minlength=parts.features)
    alone = count[parts.feature] == 1
    shapes[parts.feature[alone]] = shapely.polygons(rings[alone])
    if not alone.all():
        several = np.flatnonzero(~alone)
        grouped, feature = _group(rings[several], parts.feature[several])
        _place(shapes, grouped, feature)
    return shapes


def _group(rings: NDArray[np.object_], feature: Integers) -> tuple[NDArray[np.object_], Integers]:
    """Polygons with their holes, and the feature of each, ascending."""
    filled = shapely.polygons(rings)
    unique = _first_of_equals(filled, feature)
    rings, feature, filled = rings[unique], feature[unique], _valid(filled[unique])
    area = shapely.area(filled)
    clockwise = ~shapely.is_ccw(rings)
    outer, inner = _nested(filled, feature, area)
    depth = np.bincount(inner, minlength=len(rings))
    shell = depth % 2 == 0
    # The immediate container of a ring is the smallest of those around it.
    order = np.lexsort((area[outer], inner))
    outer, inner = outer[order], inner[order]
    found, first = np.unique(inner, return_index=True)
    container = np.full(len(rings), -1)
    container[found] = outer[first]
    _add_crossing_holes(filled, feature, area, clockwise, shell, container)
    # Where rings cross, a ring's smallest container may be a hole itself: then it is land.
    shell |= ~shell[container]
    owner = np.where(shell, np.arange(len(rings)), container)
    numbers = np.cumsum(shell) - 1
    order = np.lexsort((~shell, numbers[owner]))
    return shapely.polygons(rings[order], indices=numbers[owner][order]), feature[shell]


def _nested(
    filled: NDArray[np.object_], feature: Integers, area: Floats
) -> tuple[Integers, Integers]:
    """Pairs (outer, inner) of rings of one feature of which the first covers the second."""
    outer, inner = _pairs(filled, feature)
    larger = area[outer] > area[inner]
    outer, inner = outer[larger], inner[larger]
    covered = shapely.covers(filled[outer], filled[inner])
    return outer[covered], inner[covered]


def _pairs(filled: NDArray[np.object_], feature: Integers) -> tuple[Integers, Integers]:
    """Pairs of different rings of one feature whose bounding boxes meet."""
    starts = np.flatnonzero(np.diff(feature, prepend=-1))
    sizes = np.diff(starts, append=len(feature))
    small = sizes <= MANY
    first = np.repeat(starts[small], sizes[small] ** 2)
    size = np.repeat(sizes[small], sizes[small] ** 2)
    ends = np.cumsum(sizes[small] ** 2)
    within = np.arange(len(first)) - np.repeat(ends - sizes[small] ** 2, sizes[small] ** 2)
    one, other = first + within // size, first + within % size
    boxes = shapely.bounds(filled)
    meets = (
        (boxes[one, 0] <= boxes[other, 2])
        & (boxes[one, 2] >= boxes[other, 0])
        & (boxes[one, 1] <= boxes[other, 3])
        & (boxes[one, 3] >= boxes[other, 1])
        & (one != other)
    )
    pairs: list[Any] = [np.stack([one[meets], other[meets]])]
    for start, length in zip(starts[~small], sizes[~small], strict=True):
        own = filled[start : start + length]
        found = shapely.STRtree(own).query(own) + start
        pairs.append(found[:, found[0] != found[1]])
    together = np.concatenate(pairs, axis=1).astype(np.int64)
    return together[0], together[1]


def _add_crossing_holes(  # noqa: PLR0917
    filled: NDArray[np.object_],
    feature: Integers,
    area: Floats,
    clockwise: NDArray[np.bool_],
    shell: NDArray[np.bool_],
    container: Integers,
) -> None:
    """A counter-clockwise ring that sticks out of a clockwise one is a hole of it all the same."""
    odd = np.flatnonzero(shell & (container < 0) & ~clockwise)
    if not odd.size:
        return
    one, other = _pairs(filled, feature)
    fits = np.isin(other, odd) & clockwise[one] & shell[one] & (area[one] > area[other])
    one, other = one[fits], other[fits]
    # Neighbours may overlap by a sliver: a hole lies for the most part inside.
    overlaps = shapely.area(shapely.intersection(filled[one], filled[other])) > area[other] / 2
    for around, hole in zip(one[overlaps], other[overlaps], strict=True):
        shell[hole], container[hole] = False, around


def _first_of_equals(filled: NDArray[np.object_], feature: Integers) -> list[int]:
    """The rings' positions without those that repeat an earlier ring of their feature."""
    keys = zip(feature.tolist(), shapely.to_wkb(shapely.normalize(filled)), strict=True)
    positions: dict[tuple[int, bytes], int] = {}
    for position, key in enumerate(keys):
        positions.setdefault(key, position)
    return list(positions.values())


def _valid(filled: NDArray[np.object_]) -> NDArray[np.object_]:
    """Predicates need valid polygons; the rings themselves stay as they are."""
    broken = ~shapely.is_valid(filled)
    filled[broken] = shapely.make_valid(filled[broken])
    return filled


def _place(shapes: NDArray[np.object_], grouped: NDArray[np.object_], feature: Integers) -> None:
    """Put each feature's polygons where they belong, several of them as one MultiPolygon."""
    count = np.bincount(feature, minlength=len(shapes))
    single = count[feature] == 1
    shapes[feature[single]] = grouped[single]
    if not single.all():
        owners, numbers = np.unique(feature[~single], return_inverse=True)
        shapes[owners] = shapely.multipolygons(grouped[~single], indices=numbers)
