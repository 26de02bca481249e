"""The page on the architecture: short, with every term, and a walk through files that exist."""

import re

import pytest

from local.home import REPOSITORY

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text()
TERMS = (
    "asset",
    "audit",
    "candidate",
    "hold",
    "incident",
    "mart",
    "part",
    "promotion",
    "reconcile",
    "release",
    "source",
    "version",
    "write-audit-publish",
)


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.+?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_the_page_has_at_most_900_words() -> None:
    assert len(PAGE.split()) <= 900


@pytest.mark.parametrize("term", TERMS)
def test_the_glossary_defines_the_term(term: str) -> None:
    assert re.search(rf"^\| {term} \| .+ \|$", section("Glossary"), re.MULTILINE)


def test_the_walk_from_a_dag_to_its_sql_names_at_most_12_files_that_exist() -> None:
    files = re.findall(r"^\d+\. `([^`]+)`", section("One source from its DAG to its SQL"), re.M)

    assert files[0] == "dags/epa.py"
    assert files[-1].endswith("epa_metrics.sql")
    assert len(files) <= 12
    assert [file for file in files if not (REPOSITORY / file).is_file()] == []
