"""The files of a data folder, their rows, and the counts by hand of the small folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from include.sources import SOURCES, ArcgisLayer, FivetranConnector, JsonList, Part
from include.transform_project import metric_definitions
from local.home import REPOSITORY
from local.sources.routes import list_file

Row = dict[str, Any]

SMALL = REPOSITORY / "tests" / "data" / "small"


def file_of(source: str, part: Part) -> str:
    """The file of a data folder that holds a part's rows."""
    return _file_of(part, source)


@singledispatch
def _file_of(part: Part, source: str) -> str:
    raise NotImplementedError(f"{source} has a part of an unknown kind: {part}")


@_file_of.register
def _(part: ArcgisLayer, source: str) -> str:
    return f"arcgis/{part.name}/features.json"


@_file_of.register
def _(part: FivetranConnector, source: str) -> str:
    return f"fivetran/{part.name}/rows.json"


@_file_of.register
def _(part: JsonList, source: str) -> str:
    return f"{list_file(source, part)}.json"


def raw_files(source: str) -> dict[str, str]:
    """The file that each raw table (`<schema>.<name>`) of a source is a copy of."""
    return {
        f"{part.table.schema}.{part.table.name}": file_of(source, part)
        for part in SOURCES[source].parts
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


@dataclass(frozen=True)
class HandCount:
    """A metric of the small folder as a person counted it.

    Attributes:
        value: The value.
        rows: The keys of the rows that count, if the metric is a count of rows.
        given: All that the file says of it: for an entry of staff also its words and its time.
    """

    value: float
    rows: tuple[str | int, ...] | None
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Counted:
    """The counts by hand of one source, from `expected/<source>.yml`.

    Attributes:
        file: The file, below the checkout.
        last_updated: The last edit that the source declares, ISO 8601; `None` if it declares none.
        key: The field whose values name the rows.
        metrics: The metrics by name.
    """

    file: str
    last_updated: str | None
    key: str
    metrics: Mapping[str, HandCount]


def counted(source: str) -> Counted:
    """The counts by hand of a source."""
    file = SMALL / "expected" / f"{source}.yml"
    # Every value is read as JSON has it: no text becomes a date.
    content = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader) or {}
    metrics = {name: _hand_count(given) for name, given in content.get("metrics", {}).items()}
    key = str(content.get("key") or getattr(SOURCES[source].parts[0], "key", ""))
    updated = content.get("last_updated")
    return Counted(
        file.relative_to(REPOSITORY).as_posix(),
        None if updated in (None, "null") else updated,
        key,
        metrics,
    )


def _hand_count(given: Mapping[str, Any]) -> HandCount:
    rows = given.get("rows")
    keys = None if rows is None else tuple(int(key) if key.isdigit() else key for key in rows)
    return HandCount(float(given["value"]), keys, given)


def expected_metrics() -> dict[str, dict[str, Any]]:
    """The metrics that the small folder's public file holds, by name.

    Each has `value`, `unit`, `type`, `frequency` and `last_updated`, which is null for a metric
    that bears the time of its load.
    """
    expected: dict[str, dict[str, Any]] = {}
    for source in SOURCES.values():
        hand = counted(source.name)
        if source.metrics == "entered by staff":
            for name, metric in hand.metrics.items():
                expected.setdefault(name, {**metric.given, "value": metric.value})
        elif source.metrics == "computed":
            for defined in metric_definitions()[source.name]:
                expected[defined.name] = {
                    "value": hand.metrics[defined.name].value,
                    "unit": defined.unit_label,
                    "type": defined.type,
                    "frequency": defined.frequency,
                    "last_updated": hand.last_updated,
                }
    return expected


def generated_metrics() -> dict[str, float]:
    """The computed metrics of the data that `local.data` generates with its default seed."""
    file = REPOSITORY / "tests" / "data" / "generated_metrics.yml"
    found: dict[str, float] = yaml.safe_load(file.read_text())
    return found
