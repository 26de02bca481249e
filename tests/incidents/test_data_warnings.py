"""Data warnings: their sentences, what is new, and that each is posted once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from include.incidents.data_warnings import (
    Comparison,
    DataWarning,
    Finding,
    compare_warnings,
    describe_row,
    read_warnings,
    report_findings,
    warning_text,
)
from include.incidents.incident_file import read_state
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store
from tests.incidents.samples import TUESDAY
from tests.publishing.memory_store import MemoryStore
from tests.slack import Slack

LATER = TUESDAY + timedelta(hours=1)
NIGHT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ENTRY = {"record_id": "rec7", "metric_name": "schools", "rule": "the value is negative"}
UNKNOWN = {"column_name": "roe_status", "value": "Returned", "row_count": 1204}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            {**ENTRY, "value_that_counts": Decimal("1234.00")},
            "schools (record rec7) is not published: the value is negative; 1,234 counts instead",
        ),
        (
            {**ENTRY, "metric_name": None, "value_that_counts": None},
            "an entry without a machine name (record rec7) is not published:"
            " the value is negative; nothing counts instead",
        ),
        (
            {"record_id": "rec7", "rule": "it is negative", "value_that_counts": 5},
            "an entry without a machine name (record rec7) is not published: it is negative; 5"
            " counts instead",
        ),
        (UNKNOWN, "roe_status: the value Returned is not known, in 1,204 rows"),
        (
            {**UNKNOWN, "value": None, "row_count": 1},
            "roe_status: the value empty is not known, in 1 row",
        ),
        (
            {"value_field": "dollar", "n_records": Decimal(2)},
            "a_test: dollar, in 2 rows",
        ),
        (
            {"at": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "id": 12345, "why": ""},
            "a_test: at: 2026-01-02T03:04:00Z, id: 12345, why: empty",
        ),
        ({"column_name": "status"}, "a_test: column_name: status"),
        (
            {"column_name": "status", "value": "Returned"},
            "status: the value Returned is not known",
        ),
        ({"label": "ask pat@example.org\nor jo@x"}, "a_test: label: ask *** or ***"),
        ({"label": "x" * 400}, f"a_test: label: {'x' * 234}…"),
    ],
)
def test_a_row_is_a_sentence(row: dict[str, Any], text: str) -> None:
    assert describe_row("a_test", row).text == text


@pytest.mark.parametrize(
    ("change", "is_other"),
    [({"row_count": 9}, False), ({"value": "Lost"}, True), ({"column_name": "ma"}, True)],
)
def test_another_number_of_rows_is_not_another_warning(
    change: dict[str, Any], is_other: bool
) -> None:
    key = describe_row("a_test", UNKNOWN).key
    assert (describe_row("a_test", UNKNOWN | change).key != key) is is_other


A, B = Finding("a", "a, in 3 rows"), Finding("b", "b")
KNOWN_A, NEW_A = DataWarning("a", "a, in 2 rows", TUESDAY), DataWarning(*A, LATER)
OLD_A, NEW_B = DataWarning(*A, TUESDAY), DataWarning(*B, LATER)


@pytest.mark.parametrize(
    ("known", "found", "expected"),
    [
        ([], [], Comparison((), ())),
        ([], [A, A], Comparison((NEW_A,), (NEW_A,))),
        ([KNOWN_A], [A], Comparison((), (OLD_A,))),
        ([KNOWN_A], [B, A], Comparison((NEW_B,), (OLD_A, NEW_B))),
        ([KNOWN_A], [B], Comparison((NEW_B,), (NEW_B,))),
        ([KNOWN_A], [], Comparison((), ())),
    ],
)
def test_what_was_not_there_before_is_new(
    known: list[DataWarning], found: list[Finding], expected: Comparison
) -> None:
    assert compare_warnings(known, found, LATER) == expected


def test_a_message_has_ten_lines_at_most_and_shows_text_literally() -> None:
    lines = ["<!channel> *b* `c` & @here", *map(str, range(11))]
    shown = warning_text("a <b>", lines, "<!subteam^S1> (Airtable staff)", "https://x/y").split(
        "\n"
    )
    assert shown[0] == ":information_source: LOW · *a &lt;b&gt;*"
    assert shown[1] == "• `&lt;!channel&gt; *b* 'c' &amp; @\u200bhere`"
    assert shown[10:] == [
        "• `8`",
        "and 2 more",
        "For: <!subteam^S1> (Airtable staff). <https://x/y|What to do>",
    ]
    without = warning_text("a", lines[:10], "Data engineers", "")
    assert "more" not in without
    assert without.endswith("\nFor: Data engineers.")


def report(
    store: Store, now: datetime = TUESDAY, source: str = "airtable", **results: list[Finding]
) -> None:
    report_findings(store, source, results, lambda: {"one", "two", "other"}, now)


def test_a_warning_is_posted_once_and_forgotten_when_it_is_over(
    store: MemoryStore, slack: Slack
) -> None:
    report(store, one=[A], two=[B], other=[])
    report(store, LATER, one=[A], two=[], other=[])
    [text] = slack.texts()
    assert "*airtable: 2 new data warnings*" in text
    assert "`a, in 3 rows`" in text
    assert "`b`" in text
    assert read_warnings(store) == {"airtable": {"one": (OLD_A,)}}

    report(store, LATER, one=[], two=[B])
    assert len(slack.texts()) == 2, "what was over is new again"
    assert read_warnings(store, "airtable") == {"airtable": {"two": (NEW_B,)}}
    assert read_warnings(store, "air") == {}


def test_the_warnings_of_a_test_that_did_not_run_stay_unless_the_test_was_deleted(
    store: MemoryStore, slack: Slack
) -> None:
    report(store, one=[A], deleted=[B])
    report(store, two=[])
    assert read_warnings(store) == {"airtable": {"one": (OLD_A,)}}


def test_a_message_that_is_lost_is_posted_by_the_next_run(
    store: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("include.incidents.data_warnings.post_text", lambda *_: False)
        report(store, one=[A])
    assert read_warnings(store) == {}
    report(store, one=[A])
    assert len(slack.texts()) == 1


def test_a_message_that_waits_for_slack_is_not_posted_twice(
    store: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.incidents.slack._TRIES", 1)
    slack.switch("down")
    report(store, one=[A])
    slack.switch("up")
    report(store, one=[A])
    assert slack.texts() == []
    assert len(read_state(store).posts) == 1


@pytest.fixture
def named(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> Slack:
    """A Slack whose groups and people a deployment has named, with its repository."""
    ids = '{"Airtable staff": "S0000001", "Data engineers": "U0000002"}'
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_MENTIONS", ids)
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", "owner/name")
    return slack


@pytest.mark.parametrize(
    ("source", "now", "keeper"),
    [
        ("airtable", TUESDAY, "For: <!subteam^S0000001> (Airtable staff)."),
        ("usace", TUESDAY, "For: <@U0000002> (Data engineers)."),
        ("publish", TUESDAY, "For: <@U0000002> (Data engineers)."),
        ("airtable", NIGHT, "For: Airtable staff."),
    ],
)
def test_a_message_is_for_the_people_who_keep_the_data_and_mentions_nobody_at_night(
    source: str, now: datetime, keeper: str, store: MemoryStore, named: Slack
) -> None:
    report(store, now, source, one=[A])
    [text] = named.texts()
    page = "https://github.com/owner/name/blob/main/docs/runbooks/data-warnings.md#act"
    assert text.endswith(f"{keeper} <{page}|What to do>")


def test_nothing_is_written_while_nothing_changes(store: MemoryStore, slack: Slack) -> None:
    report(store, one=[A])
    place = Place(VERSIONS_CONTAINER, "warnings/airtable/one.json")
    before = store.need(place).etag
    report(store, LATER, one=[A])
    assert store.need(place).etag == before
