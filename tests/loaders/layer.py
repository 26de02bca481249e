"""A small, well-behaved ArcGIS layer; tests change what they need."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.loaders.service import Reply, Request, esri_error, reply

PATH = "/arcgis/rest/services/Parcels/FeatureServer/0"
EDITED = 1_755_793_623_120  # 2025-08-21T16:27:03.120Z
FIELDS = {
    "OBJECTID": "esriFieldTypeOID",
    "Status": "esriFieldTypeString",
    "Inspected": "esriFieldTypeDate",
    "Acres": "esriFieldTypeDouble",
    "Units": "esriFieldTypeInteger",
}


def square(x: float, y: float, size: float = 1.0) -> list[list[float]]:
    """A clockwise ring: a shell, to Esri."""
    return [[x, y], [x, y + size], [x + size, y + size], [x + size, y], [x, y]]


def row(number: int) -> dict[str, Any]:
    """A feature with plausible values."""
    attributes = {
        "OBJECTID": number,
        "Status": f"status {number % 3}",
        "Inspected": 1_738_368_000_000 + number % 1000 * 1000,
        "Acres": number / 4,
        "Units": number % 5,
    }
    return {"attributes": attributes, "geometry": {"rings": [square(-118.0, 34.0)]}}


@dataclass
class Layer:
    """The layer's rows and metadata.

    `cap` is the declared limit of rows an answer; `real_cap` is the actual one.
    """

    rows: list[dict[str, Any]] = field(default_factory=lambda: [row(n) for n in range(1, 11)])
    fields: dict[str, str] = field(default_factory=lambda: dict(FIELDS))
    cap: int = 4
    real_cap: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    reference: dict[str, Any] = field(default_factory=lambda: {"wkid": 4326})
    path: str = PATH

    def set_all(self, name: str, kind: str, value: object = None) -> None:
        """Give the layer a field with one value in every row."""
        self.fields[name] = kind
        for feature in self.rows:
            feature["attributes"][name] = value

    def answer(self, request: Request) -> Reply:
        """The layer's answer, from its rows as they are now."""
        if not request.path.startswith(self.path):
            return esri_error(404, "Service not found")
        if not request.path.endswith("/query"):
            return reply(self.describe())
        rows = sorted(self._selected(request), key=_object_id)
        if "returnCountOnly" in request.query:
            return reply({"count": len(rows)})
        if "returnIdsOnly" in request.query:
            ids = list(map(_object_id, rows))
            return reply({"objectIdFieldName": "OBJECTID", "objectIds": ids})
        start = int(request.query.get("resultOffset", 0))
        size = min(int(request.query.get("resultRecordCount", self.cap)), self.real_cap or self.cap)
        return self.page(rows[start : start + size], more=start + size < len(rows))

    def page(self, rows: list[dict[str, Any]], *, more: bool = False) -> Reply:
        """An answer with these rows."""
        return reply(
            {
                "objectIdFieldName": "OBJECTID",
                "spatialReference": self.reference,
                "exceededTransferLimit": more,
                "features": rows,
            }
        )

    def describe(self) -> dict[str, Any]:
        """The layer's metadata."""
        return {
            "name": "Parcels",
            "type": "Feature Layer",
            "geometryType": "esriGeometryPolygon",
            "objectIdField": "OBJECTID",
            "maxRecordCount": self.cap,
            "capabilities": "Query,Extract",
            "advancedQueryCapabilities": {"supportsPagination": True, "supportsOrderBy": True},
            "editingInfo": {"lastEditDate": EDITED},
            "fields": [{"name": name, "type": kind} for name, kind in self.fields.items()],
        } | self.metadata

    def _selected(self, request: Request) -> list[dict[str, Any]]:
        rows = self.rows
        if listed := request.query.get("objectIds"):
            wanted = {int(number) for number in listed.split(",")}
            rows = [feature for feature in rows if _object_id(feature) in wanted]
        where = request.query.get("where", "")
        for sign, bound in re.findall(r"OBJECTID (>=|<=|>) (\d+)", where):
            rows = [row for row in rows if _holds(_object_id(row), sign, int(bound))]
        return rows


def _object_id(feature: dict[str, Any]) -> int:
    return int(feature["attributes"]["OBJECTID"])


def _holds(number: int, sign: str, bound: int) -> bool:
    return {">=": number >= bound, "<=": number <= bound, ">": number > bound}[sign]
