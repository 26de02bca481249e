"""The dbt project: its folder, manifest, variables and environment, and the metrics it defines."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from include.sources import COMPUTED, SOURCES

PROJECT = Path(__file__).parent / "transform"
# dbt's parsed project: `make manifest`, or the build of the image, writes it.
MANIFEST = PROJECT / "target" / "manifest.json"
_MARTS = "models/marts/metrics"

Limits = Mapping[str, Any]


class DefinitionError(Exception):
    """A mart's YAML is missing or wrong; the message names the file, the metric and the remedy."""


@dataclass(frozen=True)
class MetricDefinition:
    """The words of a computed metric, from its mart's YAML.

    Attributes:
        name: The machine name, which the public page reads.
        unit_label: The unit, in words that the page can show.
        type: The kind of value, for example `count`.
        frequency: The interval at which the value is expected to change.
        limits: The change limits that differ from `change_limits` in `dbt_project.yml`.
    """

    name: str
    unit_label: str
    type: str
    frequency: str
    limits: Limits = field(default_factory=dict)


@cache
def project_variables() -> Mapping[str, Any]:
    """The `vars` of `dbt_project.yml`."""
    variables: Mapping[str, Any] = _read_yaml(PROJECT / "dbt_project.yml")["vars"]
    return variables


def dbt_environment() -> dict[str, str]:
    """The environment variables that dbt needs to parse and build the summary."""
    return {"DDRC_COMPUTED_SOURCES": " ".join(COMPUTED)}


@cache
def metric_definitions(project: Path = PROJECT) -> dict[str, tuple[MetricDefinition, ...]]:
    """The metrics that each mart computes, by source, sorted.

    Raises:
        DefinitionError: A mart's YAML is missing or wrong, or two marts define the same metric.
    """
    found = {
        mart.source: tuple(_definition(mart, entry) for entry in _entries(mart))
        for mart in _marts(project)
    }
    files: dict[str, Path] = {}
    for mart in _marts(project):
        for metric in found[mart.source]:
            if metric.name in files:
                raise mart.error(
                    f"{metric.name} is defined in {files[metric.name]} too",
                    "rename or delete one of them",
                )
            files[metric.name] = mart.file
    return {source: metrics for source, metrics in found.items() if metrics}


@cache
def hand_kept_limits(project: Path = PROJECT) -> dict[str, Limits]:
    """The change limits of the metrics that staff enter, by metric.

    Raises:
        DefinitionError: A mart's YAML is missing or wrong.
    """
    return {
        name: _checked_limits(mart, name, limits)
        for mart in _marts(project)
        for name, limits in _mapping(mart, mart.meta.get("limits", {}), "meta.limits").items()
    }


@dataclass(frozen=True)
class _Mart:
    source: str
    file: Path
    meta: Mapping[str, Any]

    def error(self, problem: str, remedy: str) -> DefinitionError:
        return DefinitionError(f"{self.file}: {problem}: {remedy}")


@cache
def _marts(project: Path) -> tuple[_Mart, ...]:
    files = sorted((project / _MARTS).glob("*/_*__metrics.yml"))
    return tuple(_read_mart(file.parent.name, file, project) for file in files)


def _read_mart(source: str, file: Path, project: Path) -> _Mart:
    mart = _Mart(source, file.relative_to(project), {})
    if source not in SOURCES:
        raise mart.error(
            f"there is no source {source}", f"declare it in include/sources/{source}.py"
        )
    name = SOURCES[source].mart
    if file.name != (named := f"_{source}__metrics.yml"):
        raise mart.error(f"its folder is that of {source}", f"rename it {named}")
    if not file.with_name(f"{name}.sql").exists():
        raise mart.error(f"{name}.sql is missing", "write it beside this file")
    try:
        content = _read_yaml(file)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1
        raise mart.error(f"line {line} is not YAML", f"{error.problem}") from error
    except yaml.YAMLError as error:
        raise mart.error("it is not YAML", " ".join(str(error).split())) from error
    models = content.get("models") if isinstance(content, dict) else None
    given = [model for model in models or () if isinstance(model, dict)]
    model = next((model for model in given if model.get("name") == name), None)
    if model is None:
        raise mart.error(f"there is no model {name}", "add it under models")
    config = _mapping(mart, model.get("config", {}), "config")
    return _Mart(source, mart.file, _mapping(mart, config.get("meta", {}), "config.meta"))


def _read_yaml(file: Path) -> Any:
    text = file.read_text(encoding="utf-8")
    try:
        # By libyaml: in Python all marts take a third of a second, in each task that reads them.
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        # Python's reader says what it found instead.
        return yaml.safe_load(text)


def _entries(mart: _Mart) -> list[Any]:
    entries = mart.meta.get("metrics", [])
    if not isinstance(entries, list):
        raise mart.error("config.meta.metrics is not a list", "write one `- name: …` a metric")
    return entries


def _definition(mart: _Mart, entry: object) -> MetricDefinition:
    given = _mapping(mart, entry, "an entry of config.meta.metrics")
    name = given.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise mart.error(
            f"the metric's name {name!r} is not valid",
            "use lower-case letters, digits and underscores, for example phase2_roes_accepted",
        )
    known = [each.name for each in fields(MetricDefinition)]
    if unknown := sorted(str(key) for key in given if key not in known):
        raise mart.error(f"{name} has an unknown {unknown[0]}", f"it may have {', '.join(known)}")
    for key in known[:-1]:
        if not isinstance(given.get(key), str) or not given[key].strip():
            raise mart.error(f"{name} has no {key}", f"add a line `{key}: …` with a text")
    frequencies = project_variables()["update_frequencies"]
    if given["frequency"] not in frequencies:
        raise mart.error(
            f"{name} has the unknown frequency {given['frequency']!r}",
            f"use one of {', '.join(frequencies)}",
        )
    limits = _checked_limits(mart, name, given.get("limits", {}))
    return MetricDefinition(name, given["unit_label"], given["type"], given["frequency"], limits)


def _checked_limits(mart: _Mart, metric: str, limits: object) -> Limits:
    default = project_variables()["change_limits"]
    checked = _mapping(mart, limits, f"the limits of {metric}")
    for name, value in checked.items():
        if name not in default:
            raise mart.error(
                f"{metric} has the unknown limit {name}", f"use one of {', '.join(default)}"
            )
        wanted: Any = bool if isinstance(default[name], bool) else (int, float)
        if not isinstance(value, wanted) or isinstance(value, bool) is not (wanted is bool):
            kind = "true or false" if wanted is bool else "a number"
            raise mart.error(f"{metric} has the limit {name}: {value!r}", f"write {kind}")
    return checked


def _mapping(mart: _Mart, value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise mart.error(f"{what} is {value!r}", "write `key: value` pairs")
    return value
