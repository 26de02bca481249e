"""The documents' commands name the environment's Python and set the variables that they use.

The tests search for patterns and run nothing; `test_documents.py` runs the blocks that are marked.
"""

import re
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.documents.pages import FENCED, INLINE, find_files

# The history of changes names commands of earlier versions.
PAGES = [page for page in find_files(REPOSITORY, "*.md") if page.name != "CHANGELOG.md"]
# Only the virtual environment has the project's packages and their programs.
MODULE = re.compile(r"(?<![\w./-])python3? -m (?:bench|dbt|include|local|pytest|tests|tools)\b")
PROGRAM = re.compile(
    r"^\s*(?:[A-Z_]+=\S+ )*(?:airflow|dbt|mypy|pre-commit|pytest|ruff|sqlfluff|streamlit|uv) [\w-]",
    re.MULTILINE,
)
VARIABLE = re.compile(r"\$\{?([A-Z][A-Z_]+)\}?")
OF_THE_SHELL = {"HOME", "PATH", "PWD"}


def outside_of_the_environment(text: str) -> list[str]:
    """The commands in code that a person's own Python would run."""
    blocks = [match.group(0) for match in FENCED.finditer(text)]
    code = [*blocks, *INLINE.findall(FENCED.sub("", text))]
    return [found[0] for part in code for found in MODULE.finditer(part)] + [
        found[0].strip() for block in blocks for found in PROGRAM.finditer(block)
    ]


def unset_variables(text: str) -> list[str]:
    """The variables that a page's shell blocks use and no line of the page sets."""
    blocks = "".join(match.group(0) for match in FENCED.finditer(text))
    shell = [match.group(0) for match in FENCED.finditer(text) if "curl" in match.group(0)]
    return [
        name
        for block in shell
        for name in VARIABLE.findall(block)
        if name not in OF_THE_SHELL and not re.search(rf"\b{name}=", blocks)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_command_names_the_environments_python(page: Path) -> None:
    assert outside_of_the_environment(page.read_text()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_variable_of_a_download_is_set(page: Path) -> None:
    assert unset_variables(page.read_text()) == []


def test_a_bare_command_is_found_in_a_line_and_in_a_block() -> None:
    page = (
        "Run `python -m tools.cutover`, not `.venv/bin/python -m tools.cutover`.\n"
        "```\nDDRC_ENV=DEV python -m local.data\n  dbt build\n.venv/bin/dbt build\n```\n"
        "`dbt build` is a name here.\n"
    )

    assert outside_of_the_environment(page) == [
        "python -m local", "python -m tools", "dbt b",
    ]  # fmt: skip


def test_a_variable_that_nothing_sets_is_found() -> None:
    assert unset_variables('```\ncurl "$LAYER?f=json"\n```\n') == ["LAYER"]
    assert unset_variables('```\nLAYER=x\ncurl "$LAYER?f=json"\n```\n') == []
