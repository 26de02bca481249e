"""The words for states: one table, which the pages use and the runbooks explain."""

from pathlib import Path

import pytest

from include.incidents.severity import HIGH, LOW
from include.ui.answers import State
from include.ui.source_state import SourceState
from include.ui.sources import SourceCard
from include.words import BAD, DIM, GOOD, LAST_RUN, PUBLIC_FILE, SEVERITY, WARN, last_run

README = Path("docs/runbooks/README.md")


def test_a_run_has_one_word_and_one_color() -> None:
    assert last_run("success") == ("complete", GOOD)
    assert last_run("failed") == ("failed", BAD)
    assert last_run("") == ("no run yet", DIM)
    assert SourceCard(SourceState("epa", state="queued")).word == ("waiting to run", DIM)


def test_a_state_that_airflow_adds_is_shown_in_its_own_words() -> None:
    assert last_run("up_for_retry") == ("up for retry", DIM)


def test_the_words_of_a_severity_are_those_of_the_incidents() -> None:
    assert set(SEVERITY) == {HIGH, LOW}


def test_the_words_of_the_public_file_are_those_of_the_page_publication() -> None:
    assert set(PUBLIC_FILE) <= {state.name.lower() for state in State}


@pytest.mark.parametrize("table", [PUBLIC_FILE, SEVERITY])
def test_the_runbooks_explain_every_word(table: dict[str, str]) -> None:
    text = " ".join(README.read_text().split())
    for word, meaning in table.items():
        assert f"| *{word}* | {meaning} |" in text


def test_the_runbooks_explain_every_word_for_a_run() -> None:
    text = README.read_text()
    assert [word for word, _ in LAST_RUN.values() if f"*{word}*" not in text] == []


def test_each_word_has_one_meaning_and_each_color_is_known() -> None:
    words = [*PUBLIC_FILE, *SEVERITY, *(word for word, _ in LAST_RUN.values())]
    assert len(words) == len(set(words))
    assert {color for _, color in LAST_RUN.values()} <= {GOOD, BAD, WARN, DIM}
    # The classes of the style sheet.
    assert (GOOD, BAD, WARN, DIM) == ("good", "bad", "warn", "dim")
