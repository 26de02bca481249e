"""GeoParquet's metadata: the extent and the kinds of the shapes of one file."""

import json
from typing import Any

import numpy as np
import pytest

from include.loaders.geoparquet import GeoMetadata

NULL = [float("nan")] * 4


def column(geo: GeoMetadata) -> dict[str, Any]:
    """The shapes' column in the metadata."""
    metadata = geo.as_metadata()
    assert list(metadata) == ["geo"]
    read = json.loads(metadata["geo"])
    assert (read["version"], read["primary_column"]) == ("1.1.0", "geometry")
    assert (list(read), list(read["columns"])) == (
        ["version", "primary_column", "columns"],
        ["geometry"],
    )
    found: dict[str, Any] = read["columns"]["geometry"]
    return found


def test_a_file_without_shapes_has_no_extent() -> None:
    geo = GeoMetadata()
    geo.add(np.array([NULL, NULL]), np.array([-1, -1]))
    geo.add(np.empty((0, 4)), np.array([], dtype=int))

    assert column(geo) == {"encoding": "WKB", "geometry_types": []}


def test_the_extent_covers_every_shape_and_the_kinds_are_sorted() -> None:
    geo = GeoMetadata()
    geo.add(np.array([[1.0, 2, 3, 4], NULL, [0, 3, 2, 9]]), np.array([6, -1, 3]))
    geo.add(np.array([[2.0, -1, 8, 3]]), np.array([3]))

    assert column(geo) == {
        "encoding": "WKB",
        "geometry_types": ["MultiPolygon", "Polygon"],
        "bbox": [0, -1, 8, 9],
    }


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (0, "Point"),
        (1, "LineString"),
        (3, "Polygon"),
        (4, "MultiPoint"),
        (5, "MultiLineString"),
        (6, "MultiPolygon"),
    ],
)
def test_each_kind_of_shape_has_its_name(kind: int, name: str) -> None:
    geo = GeoMetadata()
    geo.add(np.array([[-1.0, -2, -1, -2]]), np.array([kind]))

    assert column(geo)["geometry_types"] == [name]
    assert column(geo)["bbox"] == [-1, -2, -1, -2]


def test_a_file_that_starts_again_forgets_its_shapes() -> None:
    geo = GeoMetadata()
    geo.add(np.array([[0.0, 0, 100, 80]]), np.array([3]))
    geo.clear()
    geo.add(np.array([[1.0, 1, 2, 2]]), np.array([0]))

    assert column(geo) == {"encoding": "WKB", "geometry_types": ["Point"], "bbox": [1, 1, 2, 2]}
