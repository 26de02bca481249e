"""Waits of permits: by the two public counts, and by single permits in the snapshots."""

import re
from datetime import datetime, timedelta

import pandas as pd
import pytest

from include.dashboard.analyses.output import without_rows
from tests.dashboard.analyses.conftest import NOW, Insert, Run

RECEIVED = "pasadena_rebuild_applications_received"
ISSUED = "pasadena_building_permits_issued"
FIRST = datetime(2026, 1, 1)  # noqa: DTZ001
TODAY = NOW.replace(tzinfo=None)


def public(metric: str, days_ago: int, value: float, version: str = "v") -> dict[str, object]:
    """A public value, so many days ago."""
    at = TODAY - timedelta(days=days_ago)
    return {
        "version": f"{version}{at:%Y%m%d}",
        "published_at": str(at),
        "metric_name": metric,
        "metric_value": value,
    }


def state(
    permit: str, status: str | None, began: int, ended: int | None = None
) -> dict[str, object]:
    """A state of a permit in Pasadena, in days since the first snapshot."""
    return {
        "permit_number": permit,
        "permit_status": status,
        "dbt_valid_from": str(FIRST + timedelta(days=began)),
        "dbt_valid_to": None if ended is None else str(FIRST + timedelta(days=ended)),
    }


# A permit that was there in the first snapshot.
OLD = state("old", "Issued", 0)


def test_the_wait_by_counts_is_since_as_many_applications_had_come_in(
    insert: Insert, run: Run
) -> None:
    insert("published_metrics", [public(RECEIVED, 90, 10), public(RECEIVED, 60, 40)])
    insert("published_metrics", [public(RECEIVED, 30, 60), public(ISSUED, 80, 1)])
    insert("published_metrics", [public(ISSUED, 0, 40)])

    result = run("permit_waits")

    row = result.row("jurisdiction", "Pasadena")
    assert (row["received"], row["issued"], row["days_by_counts"]) == (60, 40, 60)
    assert not row["is_at_least"]
    assert "40 permits of 60 applications; as many applications had come in 60 days ago" in (
        result.text
    )


def test_a_number_that_the_history_begins_with_is_at_least_that_old(
    insert: Insert, run: Run
) -> None:
    insert("published_metrics", [public(RECEIVED, 50, 100), public(ISSUED, 0, 70)])

    result = run("permit_waits")

    assert result.row("jurisdiction", "Pasadena")["is_at_least"]
    assert "had come in at least 50 days ago" in result.text


def test_a_correction_of_a_count_does_not_lower_the_sum(insert: Insert, run: Run) -> None:
    insert("published_metrics", [public(RECEIVED, 50, 0), public(RECEIVED, 40, 100)])
    insert("published_metrics", [public(RECEIVED, 30, 20), public(ISSUED, 0, 70)])

    assert run("permit_waits").row("jurisdiction", "Pasadena")["days_by_counts"] == 40


def test_without_a_permit_there_is_no_wait(insert: Insert, run: Run) -> None:
    insert("published_metrics", [public(RECEIVED, 50, 100), public(ISSUED, 0, 0)])

    result = run("permit_waits")

    assert pd.isna(result.row("jurisdiction", "Pasadena")["days_by_counts"])
    assert "0 permits of 100 applications." in result.text


def test_permits_in_the_snapshots_have_a_median(insert: Insert, run: Run) -> None:
    permits = [
        row
        for number in range(1, 10)
        for row in (
            state(f"B-{number}", "In Review", 5, 5 + 10 * number),
            state(f"B-{number}", "Issued", 5 + 10 * number),
        )
    ]
    insert("pasadena_permits_history", [OLD, *permits])

    result = run("permit_waits")

    row = result.row("jurisdiction", "Pasadena")
    assert (row["permits_seen"], row["permits_left_out"], row["permits_issued"]) == (10, 1, 9)
    assert row["median_days"] == 50
    assert row["median_days_low"] < 50 < row["median_days_high"]
    assert "9 of 9 issued (1 older than the snapshots left out); half within 50 days" in result.text


@pytest.mark.parametrize(
    ("states", "issued"),
    [
        ([state("B-1", "ISSUED", 15)], 1),
        ([state("B-1", "Finaled", 15)], 1),
        ([state("B-1", "Withdrawn", 15)], 0),
        ([state("B-1", None, 15)], 0),
    ],
)
def test_a_permit_is_issued_by_the_citys_words(
    states: list[dict[str, object]], issued: int, insert: Insert, run: Run
) -> None:
    insert("pasadena_permits_history", [OLD, state("B-1", "In Review", 5, 15), *states])

    assert run("permit_waits").row("jurisdiction", "Pasadena")["permits_issued"] == issued


@pytest.mark.parametrize(
    "ending",
    [
        [("In Review", 5, 10), ("Withdrawn", 10, None)],
        [("In Review", 5, 10), ("Expired", 10, None)],
        # It left the list.
        [("In Review", 5, 10)],
    ],
)
def test_an_application_that_ended_is_not_at_risk_afterwards(
    ending: list[tuple[str, int, int | None]], insert: Insert, run: Run
) -> None:
    issued = [state("B-1", "In Review", 5, 25), state("B-1", "Issued", 25)]
    ended = [state(permit, *one) for permit in ("B-2", "B-3") for one in ending]
    insert("pasadena_permits_history", [OLD, *issued, *ended])

    row = run("permit_waits").row("jurisdiction", "Pasadena")

    # If the other two waited on, two of three would, and the median would not be reached.
    assert (row["permits_issued"], row["median_days"]) == (1, 20)


def test_an_application_whose_status_has_changed_waits_on(insert: Insert, run: Run) -> None:
    issued = [state("B-1", "In Review", 5, 25), state("B-1", "Issued", 25)]
    waiting = [
        state(permit, *one)
        for permit in ("B-2", "B-3")
        for one in (("In Review", 5, 10), ("Corrections", 10, None))
    ]
    insert("pasadena_permits_history", [OLD, *issued, *waiting])

    row = run("permit_waits").row("jurisdiction", "Pasadena")

    assert row["permits_issued"] == 1
    assert pd.isna(row["median_days"]), "two of three still wait"


def test_an_application_waits_up_to_the_newest_load(insert: Insert, run: Run) -> None:
    waiting = [state(f"B-{number}", "In Review", 5) for number in (2, 3, 4)]
    issued = [state("B-1", "In Review", 5, 25), state("B-1", "Issued", 25)]
    insert("pasadena_permits_history", [OLD, *issued, *waiting])
    loaded = {"source": "pasadena", "table_name": "t", "outcome": "loaded"}
    insert("load_log", [{**loaded, "loaded_at": str(FIRST + timedelta(days=100))}])

    result = run("permit_waits")

    assert result.row("jurisdiction", "Pasadena")["permits_issued"] == 1
    assert "1 of 4 issued (1 older than the snapshots left out); half are not issued yet" in (
        result.text
    )


def test_a_project_in_malibu_ends_with_its_first_permit(insert: Insert, run: Run) -> None:
    def of_malibu(stage: str, began: int, ended: int | None = None) -> dict[str, object]:
        row = state("PR 2", stage, began, ended)
        return {
            "project_number": "PR 2",
            "application_stage": stage,
            "dbt_valid_from": row["dbt_valid_from"],
            "dbt_valid_to": row["dbt_valid_to"],
        }

    insert(
        "malibu_applications_history",
        [
            {**of_malibu("InBPC", 0), "project_number": "PR 1"},
            of_malibu("InPlanning", 5, 40),
            of_malibu("InBPC", 5),
            of_malibu("PermitIssued", 40),
        ],
    )

    row = run("permit_waits").row("jurisdiction", "Malibu")

    assert (row["permits_seen"], row["permits_issued"], row["median_days"]) == (2, 1, 35)


def test_a_made_up_past_is_marked_in_the_picture(insert: Insert, run: Run) -> None:
    insert("published_metrics", [public(RECEIVED, 50, 1, "made-up-"), public(ISSUED, 0, 1)])

    assert "made up" in str(run("permit_waits").chart["title"])


def test_each_sum_that_is_drawn_has_a_colour_and_a_place_in_the_legend(
    insert: Insert, run: Run
) -> None:
    insert("published_metrics", [public(RECEIVED, 50, 2), public(ISSUED, 0, 1)])

    result = run("permit_waits")

    drawn = {row["series"] for row in result.drawn() if "series" in row}
    [domain] = set(re.findall(r"'domain': \[(.*?)\]", str(result.chart)))
    assert drawn == set(re.findall(r"'(.*?)'", domain)) == {"applications", "permits"}


def test_without_rows_the_picture_says_so(run: Run) -> None:
    result = run("permit_waits")

    assert "LA County: its counts have not been published yet." in result.text
    assert "No count of permits has been published yet." in str(result.drawn())


def test_a_sentence_in_the_place_of_a_picture_begins_at_its_left() -> None:
    drawn = without_rows("Nothing.").to_dict()
    assert (drawn["mark"]["align"], drawn["encoding"]["x"]) == ("left", {"value": 8})
