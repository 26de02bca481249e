"""The requests of tests to a sources' server."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from include.sources import SOURCES
from local.faults import set_fault

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
        return [feature["attributes"]["OBJECTID"] for feature in features]

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
