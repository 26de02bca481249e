"""A sources' server with a copy of the small data folder, and the requests of tests to it."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from include.sources import SOURCES
from local.faults import set_fault
from local.sources.app import create_app
from tests.serving import serving

Json = dict[str, Any]

SMALL = Path(__file__).parents[2] / "data" / "small"
PATHS = {
    layer.name: urlsplit(layer.url).path for source in SOURCES.values() for layer in source.layers
}
LIST_URLS = {part.name: part.url.split(".us", 1)[1] for part in SOURCES["malibu"].lists}


@dataclass
class Server:
    """A running server, its data folder and its faults file."""

    client: httpx.Client
    data: Path
    faults: Path

    def layer(self, source: str, **parameters: str | int) -> Json:
        response = self.client.get(PATHS[source], params={"f": "json", **parameters})
        assert response.status_code == 200
        content: Json = response.json()
        return content

    def query(self, source: str, **parameters: str | int) -> Json:
        query = {"f": "json", "where": "1=1", "outFields": "*", **parameters}
        response = self.client.get(f"{PATHS[source]}/query", params=query)
        assert response.status_code == 200
        content: Json = response.json()
        return content

    def ids(self, source: str, **parameters: str | int) -> list[int]:
        features = self.query(source, **parameters)["features"]
        return [feature["attributes"][self.object_id(source)] for feature in features]

    def object_id(self, source: str) -> str:
        """The name of a layer's object-id field."""
        layer = json.loads((self.data / "arcgis" / source / "layer.json").read_text())
        return str(layer["objectIdField"])

    def rows(self, name: str) -> list[Json]:
        rows: list[Json] = self.client.get(LIST_URLS[name]).raise_for_status().json()
        return rows

    def break_(self, source: str, fault: str) -> None:
        set_fault(self.faults, source, fault)

    def rewrite(self, file: str, change: Callable[[Any], None]) -> None:
        """Change one JSON file of the data folder."""
        path = self.data / file
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")


@contextmanager
def serving_sources(folder: Path) -> Iterator[Server]:
    """A server on a port of its own, whose data and faults are in `folder`."""
    data, faults = folder / "data", folder / "faults.json"
    shutil.copytree(SMALL, data)
    with (
        serving(create_app(data, faults, slow_seconds=0.5)) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield Server(client, data, faults)
