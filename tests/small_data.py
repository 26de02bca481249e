"""The files of a data folder and their rows."""

import json
from pathlib import Path
from typing import Any

from include.sources import PARTS, ArcgisLayer, FivetranConnector, Part
from local.home import REPOSITORY
from local.sources.routes import list_file

Row = dict[str, Any]

SMALL = REPOSITORY / "tests" / "data" / "small"


def file_of(source: str, part: Part) -> str:
    """The file of a data folder that holds a part's rows."""
    if isinstance(part, ArcgisLayer):
        return f"arcgis/{part.name}/features.json"
    if isinstance(part, FivetranConnector):
        return f"fivetran/{part.name}/rows.json"
    return f"{list_file(source, part)}.json"


def raw_files(source: str) -> dict[str, str]:
    """The file that each raw table (`<schema>.<name>`) of a source is a copy of."""
    return {
        f"{part.table.schema}.{part.table.name}": file_of(source, part) for part in PARTS[source]
    }


def rows_in(file: Path) -> list[Row]:
    """The rows of a file of any kind, without the shapes of features."""
    content = json.loads(file.read_text(encoding="utf-8"))
    if isinstance(content, dict):
        return [feature["attributes"] for feature in content["features"]]
    return list(content)


def layer_of(name: str) -> dict[str, Any]:
    """A layer's metadata in the small folder."""
    found: dict[str, Any] = json.loads((SMALL / "arcgis" / name / "layer.json").read_text())
    return found


def expected_metrics() -> dict[str, dict[str, Any]]:
    """The hand-counted metrics of the small folder by name."""
    found: dict[str, dict[str, Any]] = json.loads((SMALL / "expected.json").read_text())
    return found
