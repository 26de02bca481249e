"""Properties of the ring grouping: the shape is right whatever a service does to its rings."""

import math
import random
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from include.loaders.geometry.parts import flatten
from include.loaders.geometry.rings import polygons
from include.loaders.geometry.shapes import read_shapes

Ring = list[tuple[float, float]]


def nest(depth: int, x: float, size: float) -> shapely.Geometry:
    """Land with a lake with an island with a pond …, `depth` rings deep."""
    shape = shapely.box(x, 0, x + size, size)
    if depth == 1:
        return shape
    inner = nest(depth - 1, x + size / 8, size / 2)
    return shapely.difference(shape, shapely.affinity.translate(inner, 0, size / 8))


@st.composite
def land(draw: st.DrawFn) -> shapely.Geometry:
    """Several pieces of land side by side, nested up to four deep."""
    depths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    return shapely.union_all([nest(depth, 12.0 * at, 10.0) for at, depth in enumerate(depths)])


def as_rings(shape: shapely.Geometry) -> list[Ring]:
    """The rings as Esri has them: shells clockwise, holes counter-clockwise."""
    found = []
    for part in shapely.get_parts(shapely.orient_polygons(shape, exterior_cw=True)):
        found += [list(ring.coords) for ring in (part.exterior, *part.interiors)]
    return found


def read(*shapes: list[Any]) -> list[shapely.Geometry]:
    """The loader's shapes for some features' rings."""
    features = [{"rings": rings} for rings in shapes]
    return list(shapely.from_wkb(read_shapes(features, "esriGeometryPolygon", None).wkb))


def rotated(ring: Ring, start: int) -> Ring:
    """The same ring from another vertex."""
    start %= len(ring) - 1
    return [*ring[start:-1], *ring[:start], ring[start]]


@given(land(), st.randoms(use_true_random=False))
def test_the_order_and_the_first_vertex_of_rings_do_not_matter(
    shape: shapely.Geometry, chance: random.Random
) -> None:
    rings = [rotated(ring, chance.randrange(100)) for ring in as_rings(shape)]
    chance.shuffle(rings)
    [got] = read(rings)
    assert got.is_valid
    assert got.equals(shape)


@given(land(), st.randoms(use_true_random=False))
def test_the_orientation_of_rings_that_nest_does_not_matter(
    shape: shapely.Geometry, chance: random.Random
) -> None:
    [got] = read([ring[::-1] if chance.random() < 0.5 else ring for ring in as_rings(shape)])
    assert got.equals(shape)


@given(land(), st.randoms(use_true_random=False))
def test_open_and_repeated_rings_do_not_matter(
    shape: shapely.Geometry, chance: random.Random
) -> None:
    rings = as_rings(shape)
    rings.append(rotated(rings[chance.randrange(len(rings))], 2))
    [got] = read([ring[:-1] if chance.random() < 0.5 else ring for ring in rings])
    assert got.equals(shape)


@settings(max_examples=25)
@given(st.lists(st.one_of(st.none(), land()), min_size=1, max_size=8))
def test_features_of_one_page_do_not_touch_each_other(shapes: list[Any]) -> None:
    got = read(*([] if shape is None else as_rings(shape) for shape in shapes))
    for found, shape in zip(got, shapes, strict=True):
        assert (found is None and shape is None) or found.equals(shape)


coordinate = st.floats(-170, 170, allow_nan=False).map(lambda value: round(value / 2, 3))
vertex = st.tuples(coordinate, coordinate)


@given(st.lists(st.lists(vertex, max_size=8), max_size=5))
def test_any_rings_become_a_valid_shape_or_none(rings: list[Ring]) -> None:
    [got] = read(rings)
    assert got is None or (got.is_valid and not got.is_empty and shapely.get_dimensions(got) == 2)


def test_a_hole_that_sticks_out_of_its_shell_is_water() -> None:
    shell, hole = shapely.box(0, 0, 10, 10), shapely.box(6, 4, 11, 6)
    rings = as_rings(shell) + [ring[::-1] for ring in as_rings(hole)]
    [got] = read(rings)
    assert got.equals(shell.difference(hole))


def test_parts_that_overlap_are_joined() -> None:
    one, other = shapely.box(0, 0, 10, 10), shapely.box(5, 5, 15, 15)
    [got] = read(as_rings(one) + as_rings(other))
    assert got.equals(one.union(other))


def lake_with_islands(number: int) -> list[Ring]:
    """One shell with this many holes, none of which touch."""
    columns = range(2, 2 + 2 * math.isqrt(number - 1) + 2, 2)
    size = columns.stop + 2
    islands = [shapely.box(x, y, x + 1, y + 1) for x in columns for y in columns][:number]
    rings = [ring for island in islands for ring in as_rings(island)]
    return [*as_rings(shapely.box(0, 0, size, size)), *rings]


def test_a_feature_of_very_many_rings_is_grouped() -> None:
    [got] = read([[(x / 10, y / 10) for x, y in ring] for ring in lake_with_islands(300)])
    assert got.is_valid
    assert len(got.interiors) == 300


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of geometries in every call of a predicate or an overlay."""
    sizes: list[int] = []
    for name in ("covers", "intersection"):
        original = getattr(shapely, name)

        def count(one: Any, other: Any, original: Callable[..., Any] = original) -> Any:
            sizes.append(len(one))
            return original(one, other)

        monkeypatch.setattr(shapely, name, count)
    return sizes


def test_the_cost_grows_with_the_number_of_rings_and_not_with_its_square(
    compared: list[int],
) -> None:
    memory = {}
    for islands in (500, 4_000):
        parts = flatten([lake_with_islands(islands)])
        compared.clear()
        tracemalloc.start()
        polygons(parts)
        memory[islands] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # The lake is compared with each island, and no island with another one.
        assert sum(compared) <= 2 * islands
    # Eight times as many rings; their pairs would take 64 times the memory.
    assert memory[4_000] < 16 * memory[500]


def test_features_at_the_same_place_are_not_compared(compared: list[int]) -> None:
    polygons(flatten([lake_with_islands(4)] * 100))
    assert sum(compared) <= 2 * 4 * 100


def test_flat_arrays_keep_the_place_of_empty_features() -> None:
    parts = flatten([None, [[[1, 2], [3, 4]]], [], [[[5, 6, 7]], [[8, 9]]]])
    assert parts.features == 4
    assert parts.feature.tolist() == [1, 3, 3]
    assert parts.part.tolist() == [0, 0, 1, 2]
    assert np.array_equal(parts.xy, [[1, 2], [3, 4], [5, 6], [8, 9]])
