"""The registry: a new file is a new source, and a mistake in one is a line that names it."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_module
from types import ModuleType

import pytest

from include import sources
from include.sources import COMPUTED, LOADED, SOURCES, SYNCED, SourceError
from include.sources.registry import find_sources
from local.home import REPOSITORY

Find = Callable[..., list[str]]

HEAD = "from include.sources import ArcgisLayer, FivetranConnector, JsonList, RawTable, Source\n"


def layer(name: str, table: str = "ROWS") -> str:
    return f'ArcgisLayer("{name}", "https://a.example/0", "ID", RawTable("{name}", "{table}"))'


def json_list(name: str, table: str) -> str:
    return f'JsonList("{name}", "https://a.example/{name}", RawTable("CITY", "{table}"), ())'


def connector(name: str, variable: str) -> str:
    return f'FivetranConnector("{name}", "{variable}", "s3", "ID", RawTable("{name}", "ROWS"))'


def source(name: str, *parts: str) -> str:
    return f"{name.upper()} = Source({', '.join([repr(name), *parts])})\n"


@pytest.fixture
def find(tmp_path: Path) -> Iterator[Find]:
    """Finds the sources of a new package `trial`, given the text of each of its files."""

    def find(*besides: str, **files: str) -> list[str]:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(HEAD + text, encoding="utf-8")
        package = ModuleType("trial")
        package.__path__ = [*besides, str(tmp_path)]
        sys.modules["trial"] = package
        return list(find_sources(package))

    yield find
    for name in [name for name in sys.modules if name.partition(".")[0] == "trial"]:
        del sys.modules[name]


def test_the_sources_are_found_and_sorted() -> None:
    files = (REPOSITORY / "include" / "sources").glob("*.py")
    declares = re.compile(r"^[A-Z_]+ = Source\(", re.MULTILINE)
    assert list(SOURCES) == sorted(file.stem for file in files if declares.search(file.read_text()))
    assert len(SOURCES) > 1


def test_each_source_is_synced_or_loaded() -> None:
    assert {*SYNCED, *LOADED} == SOURCES.keys()
    assert all(SOURCES[name].connectors for name in SYNCED)
    assert all(SOURCES[name].layers or SOURCES[name].lists for name in LOADED)
    assert all(SOURCES[name].metrics == "computed" for name in COMPUTED)


def test_a_new_file_is_a_new_source(find: Find) -> None:
    found = find(*sources.__path__, cleanup=source("cleanup", layer("cleanup")))

    assert found == sorted([*SOURCES, "cleanup"])


def test_lists_of_one_source_are_found(find: Find) -> None:
    found = find(b=source("b", json_list("x", "X"), json_list("y", "Y")), a=source("a", layer("a")))

    assert found == ["a", "b"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param(
            {"epa": "PARCELS = 1\n"},
            'trial/epa.py declares no sources; it needs exactly one: EPA = Source("epa", …)',
            id="no source",
        ),
        pytest.param(
            {"epa": source("epa", layer("epa")) + source("other", layer("other"))},
            'trial/epa.py declares 2 sources; it needs exactly one: EPA = Source("epa", …)',
            id="two sources in a file",
        ),
        pytest.param(
            {"epa": source("parcels", layer("parcels"))},
            "trial/epa.py declares the source 'parcels'; a source has its file's name, 'epa'",
            id="another name than the file's",
        ),
        pytest.param(
            {"epa": source("epa")},
            "trial/epa.py declares no part; it needs one layer, one connector, or one or more"
            " lists",
            id="no part",
        ),
        pytest.param(
            {"epa": source("epa", json_list("epa", "ROWS"), layer("epa"))},
            "trial/epa.py declares parts of the kinds arcgis, json; it needs one layer, one"
            " connector, or one or more lists",
            id="two kinds",
        ),
        pytest.param(
            {"epa": source("epa", layer("a"), layer("b"))},
            "trial/epa.py declares parts of the kinds arcgis, arcgis; it needs one layer, one"
            " connector, or one or more lists",
            id="two layers",
        ),
        pytest.param(
            {"epa": source("epa", layer("parcels"))},
            "trial/epa.py names its only part 'parcels'; name it 'epa', as the source",
            id="a layer of another name",
        ),
        pytest.param(
            {
                "a": source("a", json_list("x", "ROWS")),
                "b": source("b", json_list("y", "ROWS")),
            },
            "trial/a.py and trial/b.py: the raw table CITY.ROWS is declared 2 times; each part"
            " needs its own",
            id="one raw table for two",
        ),
        pytest.param(
            {"a": source("a", json_list("x", "ROWS"), json_list("y", "ROWS"))},
            "trial/a.py: the raw table CITY.ROWS is declared 2 times; each part needs its own",
            id="one raw table for two parts of a source",
        ),
        pytest.param(
            {"a": source("a", json_list("x", "A")), "b": source("b", json_list("x", "B"))},
            "trial/a.py and trial/b.py: the part 'x' is declared 2 times; each part needs its own",
            id="one part's name for two",
        ),
        pytest.param(
            {
                "a": source("a", connector("a", "fivetran_connector_a")),
                "b": source("b", connector("b", "fivetran_connector_a")),
            },
            "trial/a.py and trial/b.py: the Variable 'fivetran_connector_a' is declared 2 times;"
            " each part needs its own",
            id="one Variable for two",
        ),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file(
    files: dict[str, str], message: str, find: Find
) -> None:
    with pytest.raises(SourceError) as failure:
        find(**files)

    assert str(failure.value) == message


def test_the_module_prints_the_computed_sources(capsys: pytest.CaptureFixture[str]) -> None:
    run_module("include.sources", run_name="__main__")
    assert capsys.readouterr().out.split() == list(COMPUTED)
    run_module("include.sources.__main__", run_name="imported")
    assert capsys.readouterr().out == ""
