"""Helpfulness of pages: the last weeks, the change, and how sure both are."""

from datetime import date, timedelta

import pandas as pd

from tests.dashboard.analyses.conftest import Insert, Run

# The Monday of the week in which the analyses run.
MONDAY = date(2026, 11, 16)


def week(page: str, ago: int, responses: int, helpful: int) -> dict[str, object]:
    """The answers of a whole week, so many weeks ago."""
    return {
        "page": page,
        "week_starting": str(MONDAY - timedelta(weeks=ago)),
        "responses": responses,
        "helpful_responses": helpful,
        "helpful_share": helpful / responses,
    }


def test_a_page_has_its_share_and_change_with_intervals(insert: Insert, run: Run) -> None:
    insert("feedback_by_page_and_week", [week("/", ago, 100, 80) for ago in range(1, 9)])
    insert("feedback_by_page_and_week", [week("/", ago, 100, 60) for ago in range(9, 17)])

    result = run("page_helpfulness")

    page = result.row("page", "/")
    assert (page["answers"], page["answers_last_weeks"], page["answers_weeks_before"]) == (
        1600, 800, 800,
    )  # fmt: skip
    assert page["helpful_share"] == 0.8
    assert 0.77 < page["helpful_share_low"] < 0.8 < page["helpful_share_high"] < 0.83
    assert round(page["change"], 6) == 0.2
    assert 0.15 < page["change_low"] < 0.2 < page["change_high"] < 0.25
    assert "/: 80% of 800 answers in the last 8 weeks" in result.text
    assert "+20 points" in result.text
    assert "more helpful than before" in result.text


def test_with_few_answers_no_change_is_claimed(insert: Insert, run: Run) -> None:
    insert("feedback_by_page_and_week", [week("/", 1, 5, 4), week("/", 9, 5, 2)])

    result = run("page_helpfulness")

    assert "+40 points" in result.text
    assert "no clear change" in result.text
    assert "than before." not in result.text


def test_a_page_that_became_less_helpful_is_named(insert: Insert, run: Run) -> None:
    insert("feedback_by_page_and_week", [week("/", 1, 100, 20), week("/", 9, 100, 80)])

    assert "less helpful than before" in run("page_helpfulness").text


def test_all_pages_are_added_up(insert: Insert, run: Run) -> None:
    insert("feedback_by_page_and_week", [week("/a", 1, 10, 5), week("/b", 2, 30, 30)])

    result = run("page_helpfulness")

    together = result.row("page", "all pages")
    assert (together["answers"], together["helpful_share"]) == (40, 35 / 40)
    assert result.table.page.tolist() == ["all pages", "/b", "/a"]


def test_the_week_that_has_not_ended_is_left_out(insert: Insert, run: Run) -> None:
    insert("feedback_by_page_and_week", [week("/", 0, 50, 0), week("/", 1, 10, 10)])

    assert run("page_helpfulness").row("page", "/")["answers"] == 10


def test_a_page_without_answers_before_has_no_change(insert: Insert, run: Run) -> None:
    insert("feedback_by_page_and_week", [week("/", 1, 10, 5), week("/old", 20, 10, 5)])

    result = run("page_helpfulness")

    assert pd.isna(result.row("page", "/")["change"])
    assert "no answer in the 8 weeks before" in result.text
    assert "/old: no answer in the last 8 weeks." in result.text


def test_a_page_that_a_spreadsheet_would_run_is_written_as_text(insert: Insert, run: Run) -> None:
    insert("feedback_by_page_and_week", [week("=1+1", 1, 10, 5)])

    assert "'=1+1" in run("page_helpfulness").table.page.tolist()


def test_without_answers_the_picture_says_so(run: Run) -> None:
    result = run("page_helpfulness")

    assert "No visitor has answered in a whole week yet." in result.text
