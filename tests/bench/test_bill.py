"""The bill's tables and limits; a run is read from the emulator's record."""

import pytest

from bench.bill import CHANGED, QUIET, as_run, bill_table, problems_of, quota, quota_table
from bench.day import Run
from local.snowflake.meter import Bill

DAYS = {
    QUIET: {"LOADING": Bill(24, 120, 1800, 1800), "REPORTING": Bill(1, 6, 54, 60)},
    CHANGED: {"LOADING": Bill(24, 600, 3000, 3600)},
}


def statement(user: str, used: str, second: int, seconds: float) -> dict[str, object]:
    started = f"2026-01-01T00:00:{second:02}+00:00"
    return {"user": user, "used_warehouse": used, "started_at": started, "seconds": seconds}


def test_a_run_has_its_statements_on_a_warehouse_and_the_sensors_wait_after_fivetrans() -> None:
    recorded = [
        statement("FIVETRAN_DDRC_DEV", "L", 1, 2.0),
        statement("FIVETRAN_DDRC_DEV", "", 3, 1.0),
        statement("AIRFLOW_TRANSFORMER_DDRC_DEV", "L", 4, 0.5),
        statement("AIRFLOW_REPORTER_DDRC_DEV", "T", 5, 1.0),
    ]

    run = as_run(recorded, began=1767225600.0, seconds=10, poll=30)

    assert run == Run(40, {"L": ((1, 3), (34, 34.5)), "T": ((35, 36),)})


def test_the_table_has_each_warehouse_and_each_days_sum() -> None:
    assert bill_table(DAYS)[2:] == [
        f"| {QUIET} | LOADING | 24 | 2.0 | 30.0 | 0.50 |",
        f"| {QUIET} | REPORTING | 1 | 0.1 | 0.9 | 0.02 |",
        f"| {QUIET} | **all** | | | | **0.52** |",
        f"| {CHANGED} | LOADING | 24 | 10.0 | 50.0 | 1.00 |",
        f"| {CHANGED} | **all** | | | | **1.00** |",
    ]


@pytest.mark.parametrize(("credits_a_day", "expected"), [(0.65, 30), (1.6, 70), (3.4, 150)])
def test_a_quota_is_31_days_with_a_margin_in_tens(credits_a_day: float, expected: int) -> None:
    assert quota(credits_a_day) == expected


def test_prd_is_given_the_quota_of_changed_days_and_dev_of_quiet_ones() -> None:
    assert quota_table(DAYS)[2:] == [
        f"| prd | one {CHANGED} | 1.00 | 40 % | 50 |",
        f"| dev | one {QUIET} | 0.52 | 40 % | 30 |",
    ]


def test_a_bill_within_its_limits_is_no_problem() -> None:
    quiet = {"airtable": Run(1, {"LOADING_XS_DDRC_DEV": ((0, 1),)})}
    assert problems_of({QUIET: 0.7, CHANGED: 1.6}, quiet) == []


def test_a_dear_day_is_a_problem() -> None:
    assert problems_of({QUIET: 0.71, CHANGED: 1.6}, {}) == [
        "A day without a change costs 0.71 credits; the limit is 0.7."
    ]
    assert "with twelve hours" in problems_of({CHANGED: 1.61}, {})[0]


def test_a_quiet_hour_that_wakes_another_warehouse_is_a_problem() -> None:
    quiet = {
        "epa": Run(1, {"TRANSFORMING_XS_DDRC_DEV": ((0, 1),)}),
        # Daily.
        "keep_history": Run(1, {"TRANSFORMING_XS_DDRC_DEV": ((0, 1),)}),
    }
    assert problems_of({}, quiet) == [
        "Without a change, epa wakes TRANSFORMING_XS_DDRC_DEV;"
        " only Fivetran's LOADING may be awake."
    ]
