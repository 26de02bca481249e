"""The pace of the two phases: whole weeks, an end with an interval, and when there is none."""

from datetime import datetime, timedelta
from unittest.mock import Mock

import pandas as pd
import pytest

from include import times
from tests.dashboard.analyses.conftest import NOW, Insert, Run

DONE, WANTED = "phase2_parcels_completed", "phase2_roes_accepted"
PHASE = "Phase 2: debris"
# Noon in California on the last Sunday before the analyses run.
SUNDAY = datetime(2026, 11, 15, 20)  # noqa: DTZ001


def public(metric: str, weeks_ago: int, value: float, version: str = "v") -> dict[str, object]:
    """A public value on a Sunday."""
    at = SUNDAY - timedelta(weeks=weeks_ago)
    return {
        "version": f"{version}{at:%Y%m%d}",
        "published_at": str(at),
        "metric_name": metric,
        "metric_value": value,
    }


def steady(weeks: int, rest: float, each: float = 10) -> list[dict[str, object]]:
    """Weeks that each added as much, of which the newest leaves a rest."""
    values = [public(DONE, ago, 1000 - each * ago) for ago in range(weeks + 1)]
    return [*values, public(WANTED, 0, 1000 + rest)]


def test_a_steady_pace_ends_on_a_day(insert: Insert, run: Run) -> None:
    insert("published_metrics", steady(20, rest=45))

    result = run("phase_pace")

    row = result.row("phase", PHASE)
    assert (row["done"], row["wanted"], row["rest"], row["weeks"]) == (1000, 1045, 45, 12)
    assert (row["a_week"], row["a_week_low"], row["a_week_high"]) == (10, 10, 10)
    # Five weeks from today.
    assert row["ends"] == row["ends_low"] == row["ends_high"] == "2026-12-25"
    assert "rather later" not in result.text
    assert "At this pace it would end on Dec 25, 2026 (95 % interval Dec 25, 2026 to" in result.text
    assert "No forecast" in str(result.chart["title"]["subtitle"])


@pytest.mark.parametrize("days_later", [1, 2])
def test_a_week_counts_once_its_sunday_is_over(
    days_later: int, insert: Insert, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = NOW + timedelta(days=days_later)
    monkeypatch.setattr(times, "datetime", Mock(now=later.astimezone))
    insert("published_metrics", steady(20, rest=45))

    row = run("phase_pace").row("phase", PHASE)

    assert (row["a_week"], row["a_week_low"], row["a_week_high"]) == (10, 10, 10)


def test_an_uneven_pace_has_a_wider_interval(insert: Insert, run: Run) -> None:
    values = [1000 - 10 * ago - (ago % 2) * 8 for ago in range(13)]
    insert("published_metrics", [public(DONE, ago, value) for ago, value in enumerate(values)])
    insert("published_metrics", [public(WANTED, 0, 1100)])

    row = run("phase_pace").row("phase", PHASE)

    assert row["a_week_low"] < row["a_week"] < row["a_week_high"]
    assert row["ends_low"] < row["ends"] < row["ends_high"]


def test_a_pace_that_falls_is_said_to_end_later(insert: Insert, run: Run) -> None:
    added = [4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48]
    values = [1000 - sum(added[:ago]) for ago in range(13)]
    insert("published_metrics", [public(DONE, ago, value) for ago, value in enumerate(values)])
    insert("published_metrics", [public(WANTED, 0, 1100)])

    result = run("phase_pace")

    assert result.row("phase", PHASE)["a_week_newest_half"] == 14
    assert "The newer half of these weeks has 14 a week: rather later." in result.text
    low, high = (f"{result.row('phase', PHASE)[f'a_week_{end}']:,.0f}" for end in ("low", "high"))
    assert f" a week in the last 12 weeks (95 % interval {low} to {high})." in result.text


def test_only_the_last_weeks_give_the_pace(insert: Insert, run: Run) -> None:
    old = [public(DONE, ago, 520 - 40 * (ago - 12)) for ago in range(13, 25)]
    insert("published_metrics", [*steady(12, rest=40, each=40), *old])
    assert run("phase_pace").row("phase", PHASE)["a_week"] == 40


def test_a_week_without_a_publication_keeps_the_last_value(insert: Insert, run: Run) -> None:
    rows = [row for row in steady(12, rest=40) if "20261108" not in str(row["version"])]
    insert("published_metrics", rows)

    result = run("phase_pace")

    assert result.row("phase", PHASE)["weeks"] == 12
    added = {row["week"][:10]: row["added"] for row in result.drawn() if row["phase"] == PHASE}
    assert (added["2026-11-08"], added["2026-11-15"]) == (0, 20)


def test_the_week_that_has_not_ended_is_left_out(insert: Insert, run: Run) -> None:
    friday = {**public(DONE, 0, 5000), "version": "v2", "published_at": "2026-11-20 18:00:00"}
    insert("published_metrics", [*steady(12, rest=6000), friday])

    row = run("phase_pace").row("phase", PHASE)

    assert (row["done"], row["a_week"]) == (5000, 10)


def test_without_progress_there_is_no_end(insert: Insert, run: Run) -> None:
    insert("published_metrics", steady(12, rest=40, each=0))

    result = run("phase_pace")

    assert result.row("phase", PHASE)["ends"] == "never"
    assert "would not end within ten years" in result.text


def test_a_phase_that_is_done_is_complete(insert: Insert, run: Run) -> None:
    insert("published_metrics", steady(12, rest=0))

    result = run("phase_pace")

    assert pd.isna(result.row("phase", PHASE)["ends"])
    assert "1,000 of 1,000 done. It is complete." in result.text


def test_few_weeks_give_no_pace(insert: Insert, run: Run) -> None:
    insert("published_metrics", steady(3, rest=40))

    result = run("phase_pace")

    assert pd.isna(result.row("phase", PHASE)["a_week_low"])
    assert "3 whole weeks are too few for a pace" in result.text


def test_a_phase_whose_size_is_not_public_has_no_end(insert: Insert, run: Run) -> None:
    insert("published_metrics", steady(12, rest=40)[:-1])

    assert "how many there are is not public" in run("phase_pace").text


def test_a_made_up_past_is_marked_in_the_picture(insert: Insert, run: Run) -> None:
    insert("published_metrics", steady(12, rest=40))
    assert "made up" not in str(run("phase_pace").chart["title"])
    insert("published_metrics", [public(DONE, 30, 1, version="made-up-")])
    assert "made up" in str(run("phase_pace").chart["title"])


def test_without_publications_the_picture_says_so(run: Run) -> None:
    result = run("phase_pace")

    assert "nothing has been published yet" in result.text
    assert "No whole week has been published yet." in str(result.drawn())
