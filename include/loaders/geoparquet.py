"""GeoParquet's file metadata, collected while the rows are written.

Format: https://geoparquet.org/releases/v1.1.0/
"""

import json
from typing import Any

import numpy as np

from include.loaders.geometry.parts import Floats, Integers

COLUMN = "geometry"
# GeoParquet's names for shapely's kinds of shapes.
_KINDS = {
    0: "Point",
    1: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
}


class GeoMetadata:
    """The extent and the kinds of the shapes that were written to one file."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Drop everything, because the file starts again."""
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._kinds: set[str] = set()

    def add(self, bounds: Floats, kinds: Integers) -> None:
        """Add the shapes of some rows.

        Args:
            bounds: West, south, east and north of each shape, shape (rows, 4); NaN for a null.
            kinds: Shapely's number for the kind of each shape; -1 for a null.
        """
        present = kinds >= 0
        if present.any():
            west_south, east_north = bounds[present, :2], bounds[present, 2:]
            self._bounds[:2] = np.fmin(self._bounds[:2], np.fmin.reduce(west_south))
            self._bounds[2:] = np.fmax(self._bounds[2:], np.fmax.reduce(east_north))
            self._kinds |= {_KINDS[kind] for kind in np.unique(kinds[present]).tolist()}

    def as_metadata(self) -> dict[str, str]:
        """The file metadata; without a `crs`, coordinates are longitude and latitude."""
        column: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(self._kinds)}
        if self._kinds:
            column["bbox"] = self._bounds.tolist()
        return {
            "geo": json.dumps(
                {"version": "1.1.0", "primary_column": COLUMN, "columns": {COLUMN: column}}
            )
        }
