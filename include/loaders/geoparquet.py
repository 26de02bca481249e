"""GeoParquet's own metadata, gathered while the rows go by.

Format: https://geoparquet.org/releases/v1.1.0/
"""

import json
from typing import Any

import numpy as np
import shapely

COLUMN = "geometry"


class GeoMetadata:
    """The extent and the kinds of the shapes that were written to one file."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything: the file begins anew."""
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
        self._kinds: set[str] = set()

    def add(self, wkb: Any) -> None:  # noqa: ANN401
        """Take an Arrow array of WKB in longitude and latitude, as shapely writes it."""
        present = wkb.drop_null().to_pylist()
        if present:
            bounds = shapely.total_bounds(shapely.from_wkb(present))
            self._bounds[:2] = np.minimum(self._bounds[:2], bounds[:2])
            self._bounds[2:] = np.maximum(self._bounds[2:], bounds[2:])
            # The byte order comes first in WKB (little-endian), then the kind of shape.
            self._kinds |= {_KINDS[kind] for kind in {shape[1:5] for shape in present}}

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


# Kinds by their number in WKB (OGC Simple Features, part 1).
_KINDS = {
    number.to_bytes(4, "little"): kind
    for number, kind in (
        (1, "Point"),
        (2, "LineString"),
        (3, "Polygon"),
        (4, "MultiPoint"),
        (5, "MultiLineString"),
        (6, "MultiPolygon"),
    )
}
