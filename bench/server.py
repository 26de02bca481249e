"""The yardstick: a layer of made-up parcels with a page cap and a delay before every answer.

Pages are rendered and compressed in advance, so that the server costs as little as possible.
"""

import argparse
import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from bench.parcels import FIELDS, attributes, ring

Message = dict[str, Any]

# The members that every answer begins with.
HEAD = {
    "objectIdFieldName": "OBJECTID",
    "geometryType": "esriGeometryPolygon",
    "spatialReference": {"wkid": 4326},
    "fields": [{"name": name, "type": kind, "alias": name} for name, kind in FIELDS.items()],
}


class Yardstick:
    """The layer as an ASGI application.

    Attributes:
        rows: How many parcels there are, numbered from 1.
        cap: The most rows an answer.
        delay: The pause before each answer, in seconds.
    """

    def __init__(self, rows: int, cap: int, delay: float) -> None:
        self.rows, self.cap, self.delay = rows, cap, delay
        self._pages: dict[tuple[bool, int, int], bytes] = {}
        for start in range(0, rows, cap):
            self._page(False, start, min(start + cap, rows))
        self._ids = _compress(
            {"objectIdFieldName": "OBJECTID", "objectIds": list(range(1, rows + 1))}
        )

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer one request, as ASGI requires.

        Args:
            scope: The request's type, path, query and headers.
            receive: Not used; no request has a body.
            send: Takes the answer.
        """
        if scope["type"] != "http":
            return
        await asyncio.sleep(self.delay)
        query = {
            key: values[-1] for key, values in parse_qs(scope["query_string"].decode()).items()
        }
        body = self._answer(scope["path"], query)
        headers = [(b"content-type", b"application/json")]
        if b"gzip" in dict(scope["headers"]).get(b"accept-encoding", b""):
            headers.append((b"content-encoding", b"gzip"))
        else:
            body = gzip.decompress(body)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str, query: dict[str, str]) -> bytes:
        if not path.endswith("/query"):
            return _compress(self._metadata())
        if "returnCountOnly" in query:
            return _compress({"count": self.rows})
        if "returnIdsOnly" in query:
            return self._ids
        start = int(query.get("resultOffset", 0))
        size = min(int(query.get("resultRecordCount", self.cap)), self.cap)
        return self._page(query.get("f") == "geojson", start, min(start + size, self.rows))

    def _page(self, geojson: bool, start: int, end: int) -> bytes:
        key = (geojson, start, end)
        if key not in self._pages:
            self._pages[key] = _compress(self._features(geojson, range(start + 1, end + 1)))
        return self._pages[key]

    def _features(self, geojson: bool, numbers: range) -> dict[str, Any]:
        more = bool(numbers) and numbers[-1] < self.rows
        if geojson:
            shape = {"type": "Polygon"}
            rows = [
                {
                    "type": "Feature",
                    "id": number,
                    "geometry": {**shape, "coordinates": [ring(number)]},
                    "properties": attributes(number),
                }
                for number in numbers
            ]
            hint = {"properties": {"exceededTransferLimit": True}} if more else {}
            return {"type": "FeatureCollection", **hint, "features": rows}
        esri = [
            {"attributes": attributes(number), "geometry": {"rings": [ring(number)]}}
            for number in numbers
        ]
        return {**HEAD, "exceededTransferLimit": more, "features": esri}

    def _metadata(self) -> dict[str, Any]:
        return {
            **HEAD,
            "currentVersion": 11.2,
            "id": 0,
            "name": "Parcels",
            "type": "Feature Layer",
            "objectIdField": "OBJECTID",
            "maxRecordCount": self.cap,
            "capabilities": "Query",
            "supportedQueryFormats": "JSON, geoJSON",
            "advancedQueryCapabilities": {"supportsPagination": True, "supportsOrderBy": True},
            "editingInfo": {"lastEditDate": 1_740_000_000_000},
        }


def _compress(value: object) -> bytes:
    return gzip.compress(json.dumps(value).encode(), 1)


def main() -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen on 127.0.0.1")
    parser.add_argument("--rows", type=int, default=50_000, help="how many parcels")
    parser.add_argument("--cap", type=int, default=2_000, help="the most rows an answer")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds before each answer")
    chosen = parser.parse_args()
    app = Yardstick(chosen.rows, chosen.cap, chosen.delay)
    uvicorn.run(app, host="127.0.0.1", port=chosen.port, log_level="warning")


if __name__ == "__main__":
    main()
