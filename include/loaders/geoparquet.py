"""GeoParquet's own metadata, gathered while the rows go by.

Format: https://geoparquet.org/releases/v1.1.0/
"""

import json
from typing import Any

import numpy as np

from include.loaders.geometry.parts import Floats, Integers

COLUMN = "geometry"


class GeoMetadata:
    """The extent and the kinds of the shapes that were written to one file."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything: the file begins anew."""
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._kinds: set[str] = set()

    def add(self, bounds: Floats, kinds: Integers) -> None:
        """Take the shapes of some rows.

        Args:
            bounds: West, south, east and north of each, shape (rows, 4); NaN for a null.
            kinds: The number of each one's kind as shapely has it; -1 for a null.
        """
        there = kinds >= 0
        if there.any():
            present = bounds[there]
            self._bounds[:2] = np.fmin(self._bounds[:2], np.fmin.reduce(present[:, :2]))
            self._bounds[2:] = np.fmax(self._bounds[2:], np.fmax.reduce(present[:, 2:]))
            self._kinds |= {_KINDS[kind] for kind in np.unique(kinds[there]).tolist()}

    def as_metadata(self) -> dict[str, str]:
        """The file metadata; without a `crs` the coordinates are longitude and latitude."""
        column: dict[str, Any] = {"encoding": "WKB", "geometry_types": sorted(self._kinds)}
        if self._kinds:
            column["bbox"] = self._bounds.tolist()
        return {
            "geo": json.dumps(
                {"version": "1.1.0", "primary_column": COLUMN, "columns": {COLUMN: column}}
            )
        }


# The names that GeoParquet has for shapely's kinds of shapes.
_KINDS = {
    0: "Point",
    1: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
}
