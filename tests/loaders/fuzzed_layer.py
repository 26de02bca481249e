"""Small layers that are read without a server, after a test has changed their answers."""

import json
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from include.loaders import LoadOptions
from include.loaders.arcgis.features import Page
from include.loaders.arcgis.layer import Layer as RealLayer
from include.loaders.arcgis.reader import LayerReader
from include.loaders.report import Notes
from tests.loaders.layer import PATH, Layer, row
from tests.loaders.no_server import Client
from tests.loaders.service import Request, esri_error

URL = f"https://x{PATH}"
Rows = dict[int, dict[str, Any]]
# Makes another answer of an answer: its kind, how many of the kind came before it, and itself.
Change = Callable[[str, int, Any], Any]


def rows(geometry: Any = None) -> list[dict[str, Any]]:
    """Six features."""
    made = [row(number) for number in range(1, 7)]
    return [each | ({"geometry": geometry} if geometry else {}) for each in made]


def unpaged(**metadata: Any) -> Layer:
    return Layer(rows(), cap=2, metadata={"advancedQueryCapabilities": {}} | metadata)


LAYERS: dict[str, Layer] = {
    "by offset": Layer(rows(), cap=2),
    "by ids": unpaged(),
    "from id to id": unpaged(description="without ids"),
    "in one answer": Layer(rows(), cap=6),
    "points": Layer(
        rows({"x": -118.0, "y": 34.0}), cap=6, metadata={"geometryType": "esriGeometryPoint"}
    ),
    "lines": Layer(
        rows({"paths": [[[-118.0, 34.0], [-117.0, 35.0]]]}),
        cap=6,
        metadata={"geometryType": "esriGeometryPolyline"},
    ),
}
PAGED = ("by offset", "by ids", "from id to id")
IN_ONE_ANSWER = LAYERS.keys() - PAGED
KINDS = {"returnCountOnly": "count", "returnIdsOnly": "ids"}


def unchanged(_kind: str, _number: int, answer: Any) -> Any:
    return answer


def read(name: str, change: Change = unchanged) -> tuple[Rows, tuple[str, ...]]:
    """The rows of a layer by their ids, and the notes, if its answers are changed."""
    layer, lock, numbers = LAYERS[name], Lock(), dict[str, int]()

    def answer(url: str, query: Mapping[str, str]) -> Any:
        kind = next((KINDS[word] for word in KINDS if word in query), "page")
        kind = kind if query.keys() - {"f", "_"} else "metadata"
        with lock:
            number = numbers[kind] = numbers.get(kind, -1) + 1
        if kind == "ids" and layer.metadata.get("description"):
            return json.loads(esri_error(400, "this layer lists no ids").body)
        request = Request("GET", url.removeprefix("https://x"), dict(query), {})
        return change(kind, number, json.loads(layer.answer(request).body))

    client: Any = Client(answer)
    pages: list[Page] = []
    notes = Notes()
    options = LoadOptions(concurrency=1, monotonic=lambda: 0.0)
    reader = LayerReader(RealLayer(client, URL, options), (), notes)
    count = reader.read(pages.clear, pages.append)
    ids = [number for page in pages for number in page.ids.tolist()]
    values = [row for page in pages for row in page.batch.to_pylist()]
    assert len(ids) == len(values) == count
    return dict(zip(ids, values, strict=True)), notes.sentences()
