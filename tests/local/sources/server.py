"""A sources' server that tests talk to over HTTP, and the questions that they ask it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from include.sources import EPA, MALIBU, PASADENA, USACE
from local.faults import set_fault

Json = dict[str, Any]

SMALL = Path(__file__).parents[2] / "data" / "small"
PATHS = {each.name: urlsplit(each.url).path for each in (EPA, USACE, PASADENA)}
LIST_URLS = {each.name: each.url.split(".us", 1)[1] for each in MALIBU}


@dataclass
class Server:
    """The running server, and the folder that it serves."""

    client: httpx.Client
    data: Path
    faults: Path

    def layer(self, source: str, **parameters: str | int) -> Json:
        response = self.client.get(PATHS[source], params={"f": "json", **parameters})
        assert response.status_code == 200
        answer: Json = response.json()
        return answer

    def query(self, source: str, **parameters: str | int) -> Json:
        asked = {"f": "json", "where": "1=1", "outFields": "*", **parameters}
        response = self.client.get(f"{PATHS[source]}/query", params=asked)
        assert response.status_code == 200
        answer: Json = response.json()
        return answer

    def ids(self, source: str, **parameters: str | int) -> list[int]:
        found = self.query(source, **parameters)["features"]
        return [each["attributes"]["OBJECTID"] for each in found]

    def rows(self, name: str) -> list[Json]:
        answer: list[Json] = self.client.get(LIST_URLS[name]).raise_for_status().json()
        return answer

    def break_(self, source: str, fault: str) -> None:
        set_fault(self.faults, source, fault)

    def rewrite(self, file: str, change: Callable[[Any], None]) -> None:
        """Change one JSON file of the data folder, as somebody does in a rehearsal."""
        path = self.data / file
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")
