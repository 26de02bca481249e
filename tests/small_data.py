"""The files of a data folder, their rows, and the counts by hand of the small folder."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from include.sources import SOURCES
from include.transform_project import metric_definitions
from local.data.files import data_file
from local.home import REPOSITORY

Row = dict[str, Any]

SMALL = REPOSITORY / "tests" / "data" / "small"


def raw_files(source: str) -> dict[str, str]:
    """The file that each raw table (`<schema>.<name>`) of a source is a copy of."""
    return {
        f"{part.table.schema}.{part.table.name}": data_file(part, source)
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


def declared_edit(source: str) -> int | None:
    """The last edit of its layer in epoch milliseconds; `None` where it declares none."""
    layers = (layer_of(layer.name) for layer in SOURCES[source].layers)
    return next((layer.get("editingInfo", {}).get("lastEditDate") for layer in layers), None)


class CountError(Exception):
    """A count by hand is missing or wrong; the message names the file and the metric."""


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


def counted(source: str, small: Path = SMALL) -> Counted:
    """The counts by hand of a source.

    Raises:
        CountError: The source's file is missing, or a count in it is not valid.
    """
    name = f"tests/data/small/expected/{source}.yml"
    try:
        text = (small / "expected" / f"{source}.yml").read_text(encoding="utf-8")
        # Every value is read as JSON has it: no text becomes a date.
        content = yaml.load(text, yaml.BaseLoader) or {}
    except FileNotFoundError:
        raise CountError(f"{name} is missing: count the metrics of {source} by hand") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CountError(f"{name}: line {line} is not YAML: {error.problem}") from None
    given = (content.get("metrics") or {}) if isinstance(content, dict) else None
    if not isinstance(given, dict):
        raise CountError(f"{name} has no metrics: write `metrics:` and one line a metric")
    metrics = {metric: _hand_count(name, metric, count) for metric, count in given.items()}
    key = str(content.get("key") or getattr(SOURCES[source].parts[0], "key", ""))
    updated = content.get("last_updated")
    return Counted(name, None if updated in (None, "null") else updated, key, metrics)


def _hand_count(file: str, metric: str, given: Any) -> HandCount:
    try:
        match given:
            case {"value": value, "rows": list(rows)}:
                keys = tuple(int(key) if key.isdigit() else key for key in rows)
                return HandCount(float(value), keys, given)
            case {"value": value} if "rows" not in given:
                return HandCount(float(value), None, given)
    except (AttributeError, TypeError, ValueError):
        pass  # As for any other text, the line below says what is valid.
    raise CountError(f"{file}: {metric} is {given!r}: write {{value: 7, rows: [1, 2]}}")


def expected_metrics() -> dict[str, dict[str, Any]]:
    """The metrics that the small folder's public file holds, by name.

    Each has `value`, `unit`, `type`, `frequency` and `last_updated`, which is null for a metric
    that bears the time of its load.

    Raises:
        CountError: A metric was not counted by hand.
    """
    expected: dict[str, dict[str, Any]] = {}
    for source in SOURCES.values():
        hand = counted(source.name)
        if source.metrics == "entered by staff":
            for name, metric in hand.metrics.items():
                expected.setdefault(name, {**metric.given, "value": metric.value})
        elif source.metrics == "computed":
            for defined in metric_definitions()[source.name]:
                if defined.name not in hand.metrics:
                    raise CountError(f"{hand.file} has no count of {defined.name}: add it")
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
