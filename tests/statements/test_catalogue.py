"""Each entry: its example is of its shape, parses, and is granted; its page and check exist."""

import re
from collections import Counter
from functools import cache

import pytest
from fakesnow.dialect import parse_one
from sqlfluff.core import FluffConfig, Linter

from local.home import REPOSITORY
from local.snowflake.grants import read
from tests.statements.catalogue import (
    NO_WAREHOUSE,
    SENDERS,
    Entry,
    describe,
    problems,
    read_catalogue,
    unknown_words,
)
from tests.statements.privileges import missing_grants
from tests.statements.sent_elsewhere import dashboard_statements, loader_statements

CATALOGUE = read_catalogue()
ENTRIES = [
    pytest.param(entry, id=f"{entry.role}-{entry.shape[:60]}")
    for entry in CATALOGUE.statements.values()
]
PAGE = re.compile(r"(sql-reference|user-guide)(/[a-z0-9_-]+)+")
ENVIRONMENTS = ("DEV", "PRD")
GRANTS = read()
# The registry of the acceptance tool's checks.
CHECKS = REPOSITORY / "tools" / "acceptance" / "checks.py"


@cache
def linter() -> Linter:
    return Linter(config=FluffConfig(overrides={"dialect": "snowflake"}))


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_examples_of_an_entry_are_of_its_shape_and_use_known_words(entry: Entry) -> None:
    described = [describe(example) for example in entry.examples]

    assert {one.shape for one in described} == {entry.shape}
    assert [list(unknown_words(CATALOGUE, one.words)) for one in described] == [[]] * len(described)


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_has_exactly_the_privileges_that_the_emulator_wants(entry: Entry) -> None:
    needed = {name for example in entry.examples for name in describe(example).privileges}

    assert {*entry.privileges} == needed


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_terraform_grants_a_role_what_its_statements_need(entry: Entry, environment: str) -> None:
    role = f"{entry.role}_DDRC_{environment}"
    examples = [example.replace("DDRC_PRD", f"DDRC_{environment}") for example in entry.examples]

    missing = [one for sql in examples for one in missing_grants(sql, parse_one(sql), role, GRANTS)]

    assert missing == []
    if entry.warehouse != NO_WAREHOUSE:
        warehouse = f"WAREHOUSE {entry.warehouse}_XS_DDRC_{environment}"
        assert "USAGE" in GRANTS.on(role, warehouse)


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_independent_parser_reads_the_examples(entry: Entry) -> None:
    for example in entry.examples:
        parsed = linter().parse_string(f"{example}\n")
        assert parsed.violations == []
        assert parsed.tree is not None
        assert "unparsable" not in parsed.tree.type_set()


def test_every_entry_is_complete() -> None:
    for entry in CATALOGUE.statements.values():
        assert PAGE.fullmatch(entry.page), entry
        assert entry.sent_by, entry
        assert {*entry.sent_by} <= {*SENDERS}, entry


def test_every_word_has_its_page() -> None:
    for words in (CATALOGUE.functions, CATALOGUE.types, CATALOGUE.clauses):
        assert [name for name, page in words.items() if not PAGE.fullmatch(page)] == []


def test_every_sender_sends_something() -> None:
    senders = Counter(name for entry in CATALOGUE.statements.values() for name in entry.sent_by)
    assert senders.keys() == {*SENDERS}


def test_every_acceptance_check_of_an_entry_exists() -> None:
    # The module is read, not imported: it imports Airflow, which takes seconds.
    checks = {*re.findall(r'\bCheck\(\s*"(\w+)"', CHECKS.read_text())}

    assert {entry.check for entry in CATALOGUE.statements.values()} - checks == set()


def test_every_query_of_the_dashboard_has_an_entry_and_no_entry_is_left_over() -> None:
    sent = list(dashboard_statements())

    assert {one.task: problems(CATALOGUE, one) for one in sent} == {one.task: [] for one in sent}
    shapes = {("DASHBOARD", describe(one.sql).shape) for one in sent}
    assert shapes == {key for key in CATALOGUE.statements if key[0] == "DASHBOARD"}


def test_every_statement_of_a_load_with_a_new_column_and_a_lost_commit_has_an_entry() -> None:
    sent = list(loader_statements())

    assert [problems(CATALOGUE, one) for one in sent] == [[]] * len(sent)
    assert {"ALTER", "SELECT OUTCOME"} <= {
        word for one in sent for word in ("ALTER", "SELECT OUTCOME") if one.sql.startswith(word)
    }
