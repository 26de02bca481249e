"""The catalogue of statements has nothing that the product no longer sends.

This file's name is the last of the folder, whose tests run in one process: all others have run.
"""

from pathlib import Path

import pytest

from local.cloud import Cloud
from tests.statements.catalogue import describe
from tests.statements.gate import GATE
from tests.statements.sent_elsewhere import dashboard_statements, loader_statements

HERE = Path(__file__).parent


def test_every_entry_and_word_of_the_catalogue_was_seen(
    cloud: Cloud, request: pytest.FixtureRequest
) -> None:
    missing = {file.name for file in HERE.glob("test_*.py")} - {
        item.path.name for item in request.session.items if item.path.parent == HERE
    }
    if missing:
        pytest.skip(f"only all tests of this folder together send everything: not {min(missing)}")
    seen, words = set(GATE.seen), set(GATE.words)
    for one in (*dashboard_statements(), *loader_statements()):
        described = describe(one.sql)
        seen.add((one.role, described.shape))
        words |= described.words.functions | described.words.types | described.words.clauses

    catalogue = GATE.catalogue
    assert sorted(catalogue.statements.keys() - seen) == []
    for section in (catalogue.functions, catalogue.types, catalogue.clauses):
        assert sorted(section.keys() - words) == []
