"""The table of services that misbehave names tests that exist, and all that were written for it."""

import ast
import re

from local.home import REPOSITORY

FOLDER = REPOSITORY / "tests" / "loaders"
PAGE = (REPOSITORY / "docs" / "loaders.md").read_text(encoding="utf-8")
SECTION = PAGE.split("## Services that misbehave", 1)[1].split("\n## ", 1)[0]
ROWS = [line.strip("| \n").split(" | ") for line in SECTION.splitlines() if line[:2] == "| "]
HEADER = ["behaviour", "seen in", "the loader", "test"]
NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
PEERS = {"pyesridump", "restgdf", "koop", "esri-dump", "arcgislayers"}


def names_of_tests(file: str) -> set[str]:
    """The names of the tests of a file."""
    parsed = ast.parse((FOLDER / file).read_text(encoding="utf-8"))
    return {
        node.name
        for node in parsed.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def behaviours() -> list[list[str]]:
    return [row for row in ROWS if row != HEADER]


def test_every_row_names_a_test_that_exists() -> None:
    rows = behaviours()
    named = [NAMED.findall(row[-1]) for row in rows]

    assert len(rows) > 50
    assert [row for row, tests in zip(rows, named, strict=True) if not tests] == []
    assert [
        f"{file}::{test}"
        for tests in named
        for file, test in tests
        if test not in names_of_tests(file)
    ] == []


def test_every_row_says_what_the_loader_does_and_every_peer_is_in_one() -> None:
    rows = behaviours()

    assert {len(row) for row in rows} == {len(HEADER)}
    assert all(row[0] and row[2] for row in rows)
    assert {word for row in rows for word in row[1].split(", ")} >= PEERS


def test_every_test_of_a_misbehaviour_is_in_the_table() -> None:
    files = [*FOLDER.glob("test_peer_*.py"), FOLDER / "test_service_behaviours.py"]
    names = {(file.name, test) for file in files for test in names_of_tests(file.name)}
    own = {("test_peer_table.py", test) for test in names_of_tests("test_peer_table.py")}

    assert names - own - set(NAMED.findall(SECTION)) == set()
