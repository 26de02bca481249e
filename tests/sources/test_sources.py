"""Checks of every source; a new one passes them once a person has filled in its parts."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from include.incidents.severity import computed_metrics
from include.sources import LOADED, PARTS, SOURCES, ArcgisLayer, JsonList, Part
from local.home import REPOSITORY
from local.new_source.request import MARK
from tests.counting import COUNTERS
from tests.small_data import SMALL, expected_metrics, file_of, layer_of, rows_in

SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".json", ".md", ".tf"}
FOLDERS = ("include", "dags", "tests", "terraform")
GENERATED = {"target", "logs", "__pycache__"}
# Fewer rows cannot cover each clause of a rule and a row that it leaves out.
MIN_ROWS = 5

LAYERS = [part for parts in PARTS.values() for part in parts if isinstance(part, ArcgisLayer)]
LISTS = [(name, part) for name, parts in PARTS.items() for part in parts
         if isinstance(part, JsonList)]  # fmt: skip


def find_marks(root: Path) -> list[str]:
    """The lines that a person still has to fill in, as `path:line: text`."""
    found = []
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*")):
        if path.suffix in SUFFIXES and GENERATED.isdisjoint(path.parts):
            lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            name = path.relative_to(root)
            found += [f"{name}:{number}: {line.strip()}" for number, line in lines if MARK in line]
    return found


def test_nothing_is_left_to_fill_in() -> None:
    left = find_marks(REPOSITORY)
    assert not left, "a new source has parts to fill in:\n" + "\n".join(left)


@pytest.mark.parametrize("source", COUNTERS)
def test_its_small_data_was_counted_by_hand(source: str) -> None:
    by_hand = {name: expected_metrics()[name]["value"] for name in computed_metrics()[source]}
    assert by_hand == COUNTERS[source](SMALL), (
        "tests/data/small/expected.json has what a person counted, tests/counting.py the rule"
    )


@pytest.mark.parametrize("source", [name for name in LOADED if name in computed_metrics()])
def test_its_metrics_have_the_time_that_the_source_declares(source: str) -> None:
    times = {expected_metrics()[name]["last_updated"] for name in computed_metrics()[source]}
    assert {_epoch_ms(time) for time in times} == {declared_edit(PARTS[source][0])}, (
        "expected.json: last_updated is the editingInfo.lastEditDate of the layer.json,"
        " or null where there is none"
    )


def declared_edit(part: Part) -> int | None:
    """A layer's last edit in epoch milliseconds; null where it declares none."""
    if not isinstance(part, ArcgisLayer):
        return None
    edited: int | None = layer_of(part.name).get("editingInfo", {}).get("lastEditDate")
    return edited


def _epoch_ms(time: str | None) -> int | None:
    return round(datetime.fromisoformat(time).timestamp() * 1000) if time else None


@pytest.mark.parametrize("source", SOURCES)
def test_its_small_data_has_rows_to_judge_the_rules_by(source: str) -> None:
    files = [file_of(source, part) for part in PARTS[source]]
    most = max(len(rows_in(SMALL / file)) for file in files)
    assert most >= MIN_ROWS, f"tests/data/small/{files[0]} has {most} rows; write about a dozen"


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layers_key_and_required_fields_are_fields_of_it(layer: ArcgisLayer) -> None:
    fields = {field["name"] for field in layer_of(layer.name)["fields"]}
    assert {layer.key, *layer.required} <= fields


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_dag_checks_the_last_edit_of_a_layer_that_declares_one(layer: ArcgisLayer) -> None:
    declares = declared_edit(layer) is not None
    checks = "skip_unless_edited" in (REPOSITORY / "dags" / f"{layer.name}.py").read_text()
    assert checks == declares, "compare with dags/epa.py and dags/usace.py"


@pytest.mark.parametrize(("source", "part"), LISTS, ids=lambda value: getattr(value, "name", value))
def test_a_lists_rows_have_its_declared_fields(source: str, part: JsonList) -> None:
    required = {field.name for field in part.fields if field.required}
    for row in json.loads((SMALL / file_of(source, part)).read_text()):
        assert required <= set(row)


@pytest.mark.parametrize("source", computed_metrics())
def test_the_rules_of_its_mart_have_a_unit_test(source: str) -> None:
    tested: set[Any] = set()
    for file in (REPOSITORY / "include" / "transform" / "models").rglob("_*__unit_tests.yml"):
        tested |= {test["model"] for test in yaml.safe_load(file.read_text())["unit_tests"]}
    assert f"{source}_metrics" in tested


@pytest.mark.parametrize("source", SOURCES)
def test_its_dag_names_the_tables_that_it_loads(source: str) -> None:
    text = (REPOSITORY / "dags" / f"{source}.py").read_text()
    assert {part.table.schema for part in PARTS[source] if part.table.schema not in text} == set()
