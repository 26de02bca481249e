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
        """Take an Arrow array of WKB in longitude and latitude."""
        shapes = shapely.from_wkb(np.array(wkb.to_pylist(), dtype=object))
        shapes = shapes[~shapely.is_missing(shapes)]
        if shapes.size:
            bounds = shapely.total_bounds(shapes)
            self._bounds[:2] = np.minimum(self._bounds[:2], bounds[:2])
            self._bounds[2:] = np.maximum(self._bounds[2:], bounds[2:])
            kinds = np.unique(shapely.get_type_id(shapes)).tolist()
            self._kinds |= {_KINDS[kind] for kind in kinds}

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


_KINDS = {
    shapely.GeometryType.POINT.value: "Point",
    shapely.GeometryType.LINESTRING.value: "LineString",
    shapely.GeometryType.POLYGON.value: "Polygon",
    shapely.GeometryType.MULTIPOINT.value: "MultiPoint",
    shapely.GeometryType.MULTILINESTRING.value: "MultiLineString",
    shapely.GeometryType.MULTIPOLYGON.value: "MultiPolygon",
}
