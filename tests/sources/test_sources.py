"""Checks of every source; a new one passes them once a person has filled in its parts."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from include.sources import (
    COMPUTED,
    ENTERED,
    LOADED,
    SOURCES,
    SYNCED,
    ArcgisLayer,
    Expectations,
    JsonList,
    Source,
)
from include.transform_project import metric_definitions
from local.data.files import data_file
from local.home import REPOSITORY
from tests.small_data import SMALL, counted, declared_edit, layer_of, rows_in
from tools.new_source.__main__ import places_to_fill_in

SUFFIXES = {".py", ".sql", ".yml", ".yaml", ".json", ".md", ".tf"}
FOLDERS = ("include", "dags", "tests", "terraform")
GENERATED = {"target", "logs", "__pycache__"}
# Fewer rows cannot cover each clause of a rule and a row that it leaves out.
MIN_ROWS = 5

LAYERS = [layer for source in SOURCES.values() for layer in source.layers]
LISTS = [(name, part) for name, source in SOURCES.items() for part in source.lists]


def find_marks(root: Path) -> list[str]:
    """The lines that a person still has to fill in, as `path:line: text`."""
    files = sorted(path for folder in FOLDERS for path in (root / folder).rglob("*"))
    names = [
        str(path.relative_to(root))
        for path in files
        if path.suffix in SUFFIXES and GENERATED.isdisjoint(path.parts)
    ]
    return places_to_fill_in(names, root)


def test_each_source_is_listed_once_by_its_loader_and_once_by_the_origin_of_its_metrics() -> None:
    analysed = {name for name, source in SOURCES.items() if source.metrics == "for analysis"}

    assert sorted((*SYNCED, *LOADED)) == sorted((*COMPUTED, *ENTERED, *analysed)) == [*SOURCES]
    assert all(SOURCES[name].kind == "fivetran" for name in SYNCED)
    assert all(SOURCES[name].loaded == SOURCES[name].parts for name in LOADED)
    assert all(SOURCES[name].metrics == "computed" for name in COMPUTED)
    assert all(SOURCES[name].metrics == "entered by staff" for name in ENTERED)


def test_a_part_that_declares_no_minimum_may_lose_a_tenth_of_its_rows_and_not_be_empty() -> None:
    assert Expectations() == Expectations(rows=1, share=0.9)


def test_nothing_is_left_to_fill_in() -> None:
    left = find_marks(REPOSITORY)
    assert not left, "a new source has parts to fill in:\n" + "\n".join(left)


@pytest.mark.parametrize("source", metric_definitions())
def test_each_of_its_metrics_was_counted_by_hand(source: str) -> None:
    file = f"tests/data/small/expected/{source}.yml"
    by_hand = counted(source).metrics
    defined = [metric.name for metric in metric_definitions()[source]]
    left = [f"{file} has no count of {name}: add it" for name in defined if name not in by_hand]
    left += [f"{file} counts {name}, which its mart does not define" for name in by_hand
             if name not in defined]  # fmt: skip
    assert not left, "\n".join(left)


@pytest.mark.parametrize("source", metric_definitions())
def test_a_count_by_hand_names_rows_that_are_there(source: str) -> None:
    hand = counted(source)
    keys = Counter(row[hand.key] for row in rows_in(main_file(SOURCES[source])))
    for name, metric in hand.metrics.items():
        if metric.rows is not None:
            absent = [key for key in metric.rows if key not in keys]
            assert not absent, f"{hand.file}: {name} counts rows that are not there: {absent}"
            assert metric.value == sum(keys[key] for key in set(metric.rows)), (
                f"{hand.file}: {name} is {metric.value:g}, and names"
                f" {sum(keys[key] for key in set(metric.rows))} rows"
            )


@pytest.mark.parametrize("source", [name for name in COMPUTED if name in LOADED])
def test_its_metrics_have_the_time_that_the_source_declares(source: str) -> None:
    assert _epoch_ms(counted(source).last_updated) == declared_edit(source), (
        f"{counted(source).file}: last_updated is the editingInfo.lastEditDate of the layer.json,"
        " or null where there is none"
    )


def main_file(source: Source) -> Path:
    """The file of the rows that its metrics count."""
    return SMALL / data_file(source.parts[0], source.name)


def _epoch_ms(time: str | None) -> int | None:
    return round(datetime.fromisoformat(time).timestamp() * 1000) if time else None


@pytest.mark.parametrize("source", SOURCES)
def test_its_small_data_has_rows_to_judge_the_rules_by(source: str) -> None:
    files = [data_file(part, source) for part in SOURCES[source].parts]
    most = max(len(rows_in(SMALL / file)) for file in files)
    assert most >= MIN_ROWS, f"tests/data/small/{files[0]} has {most} rows; write about a dozen"


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layers_key_and_required_fields_are_fields_of_it(layer: ArcgisLayer) -> None:
    fields = {field["name"] for field in layer_of(layer.name)["fields"]}
    assert {layer.key, *layer.required} <= fields


@pytest.mark.parametrize("source", [name for name in SOURCES if SOURCES[name].layers])
def test_a_dag_checks_the_last_edit_of_a_layer_that_declares_one(source: str) -> None:
    declares = declared_edit(source) is not None
    checks = "skip_unless_edited()" in (REPOSITORY / "dags" / f"{source}.py").read_text()
    assert checks == declares, "compare with dags/epa.py and dags/usace.py"


@pytest.mark.parametrize(("source", "part"), LISTS, ids=lambda value: getattr(value, "name", value))
def test_a_lists_rows_have_its_declared_fields(source: str, part: JsonList) -> None:
    required = {field.name for field in part.fields if field.required}
    for row in json.loads((SMALL / data_file(part, source)).read_text()):
        assert required <= set(row)


@pytest.mark.parametrize("source", metric_definitions())
def test_the_rules_of_its_mart_have_a_unit_test(source: str) -> None:
    tested: set[Any] = set()
    for file in (REPOSITORY / "include" / "transform" / "models").rglob("_*__metrics.yml"):
        tested |= {test["model"] for test in yaml.safe_load(file.read_text()).get("unit_tests", ())}
    assert SOURCES[source].mart in tested


@pytest.mark.parametrize("source", SOURCES)
def test_its_dag_names_the_tables_that_it_loads(source: str) -> None:
    text = (REPOSITORY / "dags" / f"{source}.py").read_text()
    assert {
        part.table.schema for part in SOURCES[source].parts if part.table.schema not in text
    } == set()
