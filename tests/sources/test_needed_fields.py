"""Floors and required fields: each part declares what its metrics need and how far it may shrink.

What a source's metrics need is read from its SQL: the mart names staging's columns, and staging
makes them of the raw table's. `test_outside_facts.py` has the values of each source by hand.
"""

import ast
import json
import re
from pathlib import Path

import pytest

from include.loaders import CollapseError
from include.loaders.load import check_rows
from include.sources import SOURCES, ArcgisLayer, JsonList, LoadedPart
from include.transform_project import PROJECT
from local.data.files import data_file
from local.home import REPOSITORY
from tests.small_data import SMALL, layer_of
from tests.sources.test_outside_facts import RULES

LAYERS = [layer for source in SOURCES.values() for layer in source.layers]
LISTS = [(name, part) for name, source in SOURCES.items() for part in source.lists]
PARTS: list[LoadedPart] = [*LAYERS, *(part for _, part in LISTS)]
MODELS = PROJECT / "models"
OTHER = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
QUOTED = re.compile(r"'[^'\n]*'|\{\{ (?:source|ref|words_of)\(.*?\}\}", re.DOTALL)


def sql_of(path: Path) -> str:
    """A model's SQL in lower case, without comments."""
    return OTHER.sub("", path.read_text()).lower()


def words_of(sql: str) -> set[str]:
    return set(re.findall(r"\w+", sql))


def staged(source: str, part: LoadedPart) -> dict[str, set[str]]:
    """The words that make each column of a part's staging model, by the column's name."""
    models = map(sql_of, sorted((MODELS / "staging" / source).glob("*.sql")))
    [sql] = [sql for sql in models if f"'{part.table.name.lower()}'" in sql]
    # Each column ends its line, with a comma or before the source.
    columns = re.split(r",\n|\nfrom \{\{", sql.partition("select")[2])[:-1]
    return {column.split()[-1]: words_of(column) for column in columns}


def names_of_mart(source: str) -> set[str]:
    """The words of a mart's SQL, without what it quotes."""
    [path] = (MODELS / "marts").rglob(f"{SOURCES[source].mart}.sql")
    return words_of(QUOTED.sub("", sql_of(path)))


def counted_by(layer: ArcgisLayer) -> set[str]:
    """The fields of a layer that the SQL of its metrics names."""
    served = {field["name"].lower() for field in layer_of(layer.name)["fields"]}
    counted = names_of_mart(layer.name)
    made_of = [words for name, words in staged(layer.name, layer).items() if name in counted]
    return served & set().union(*made_of)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_every_field_that_a_metric_counts_by_is_required_of_its_layer(layer: ArcgisLayer) -> None:
    required = {name.lower() for name in layer.required}
    assert counted_by(layer) - required == set(), "a layer without one of these would be loaded"
    assert layer.key.lower() in required


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_the_sql_names_the_fields_that_are_known_by_hand(layer: ArcgisLayer) -> None:
    by_hand = {name.lower() for name in RULES.get(layer.name, ())}
    assert by_hand - counted_by(layer) == set()


@pytest.mark.parametrize(("source", "part"), LISTS, ids=lambda value: getattr(value, "name", value))
def test_every_field_that_staging_reads_is_required_of_its_list(
    source: str, part: JsonList
) -> None:
    rows = json.loads((SMALL / data_file(part, source)).read_text())
    served = {name.lower() for row in rows for name in row}
    required = {field.name.lower() for field in part.fields if field.required}

    read = served & set().union(*staged(source, part).values())

    assert read - required == set(), "a list without one of these would be loaded"


def declarations(path: Path) -> list[ast.Call]:
    """The layers and lists that a file declares."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return [
        call
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in {"ArcgisLayer", "JsonList"}
    ]


@pytest.mark.parametrize("source", [name for name in SOURCES if SOURCES[name].loaded])
def test_each_part_declares_its_own_floor_and_does_not_inherit_one(source: str) -> None:
    declared = declarations(REPOSITORY / "include" / "sources" / f"{source}.py")
    assert len(declared) == len(SOURCES[source].loaded)
    for call in declared:
        given = {each.arg: each.value for each in call.keywords}
        floor = given.get("expects")
        assert isinstance(floor, ast.Call), "it has no expects=Expectations(share=…)"
        assert "share" in {each.arg for each in floor.keywords}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_without_rows_or_with_less_than_half_is_refused(part: LoadedPart) -> None:
    for rows, before in ((0, 0), (0, 1), (499, 1_000)):
        with pytest.raises(CollapseError):
            check_rows(part, rows, before, None)
    assert check_rows(part, 1_000, 1_000, None) == ""
