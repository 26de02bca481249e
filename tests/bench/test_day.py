"""A day of runs, laid out by schedules and billed: timelines counted by hand."""

import pytest

from bench.day import DAY, HOUR, Run, Schedule, bills, starts
from local.snowflake.meter import Bill

IDLE = 60
# A burst's idle seconds, with those until the warehouse suspends.
TAIL = IDLE + 15
LOADING, TRANSFORMING = "LOADING", "TRANSFORMING"


def run(seconds: float = 100, **uses: tuple[float, float]) -> Run:
    return Run(seconds, {name: (use,) for name, use in uses.items()})


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("40 12 * * *", [12 * HOUR + 40 * 60]),
        ("27 * * * *", [hour * HOUR + 27 * 60 for hour in range(24)]),
        ("0 0 * * *", [0]),
        ("59 23 * * *", [DAY - 60]),
    ],
)
def test_a_cron_expression_starts_at_these_seconds(expression: str, expected: list[float]) -> None:
    assert starts(expression) == expected


def test_a_schedule_every_quarter_of_an_hour_starts_96_times() -> None:
    assert len(starts("*/15 * * * *")) == 96


def test_a_schedule_of_some_days_is_refused() -> None:
    with pytest.raises(ValueError, match="every day"):
        starts("0 5 * * 1")


def test_runs_at_the_same_time_share_a_burst_and_warehouses_are_billed_apart() -> None:
    day = [run(LOADING=(0, 10)).at(1000), run(LOADING=(20, 30), TRANSFORMING=(40, 45)).at(1000)]

    assert bills(day, IDLE) == {
        LOADING: Bill(1, busy=20, idle=10 + TAIL, billed=30 + TAIL),
        TRANSFORMING: Bill(1, busy=5, idle=TAIL, billed=5 + TAIL),
    }


def test_a_short_burst_is_billed_for_a_minute() -> None:
    assert bills([run(LOADING=(0, 1)).at(0)], 0.0)[LOADING].billed == 60


def test_a_burst_over_midnight_is_one() -> None:
    late, early = run(LOADING=(0, 10)).at(DAY - 20), run(LOADING=(0, 10)).at(30)

    # From 20 s before midnight to 40 s after, and the tail.
    assert bills([early, late], IDLE)[LOADING] == Bill(1, busy=20, idle=40 + TAIL, billed=60 + TAIL)


def test_a_day_without_a_use_of_a_warehouse_has_no_bill() -> None:
    assert bills([run()], IDLE) == {}


@pytest.fixture
def schedule() -> Schedule:
    quiet, full = run(30, LOADING=(0, 5)), run(200, LOADING=(0, 50), TRANSFORMING=(60, 160))
    return Schedule(
        sources=("a", "b"),
        publication="publish",
        crons={"a": "27 * * * *", "b": "27 * * * *", "publish": "12,42 * * * *", "d": "0 5 * * *"},
        quiet={"a": quiet, "b": run(10), "publish": run(5), "d": run(9, TRANSFORMING=(0, 9))},
        changed={
            "a": full, "b": run(300), "publish": run(60, TRANSFORMING=(10, 20)), "d": run(9),
        },
        reloaded=("b",),
    )  # fmt: skip


def test_a_quiet_day_has_every_scheduled_run_and_no_publication_beside_the_clocks(
    schedule: Schedule,
) -> None:
    day = schedule.day()

    assert len(day) == 24 + 24 + 48 + 1
    assert bills(day, IDLE) == {
        LOADING: Bill(24, busy=24 * 5, idle=24 * TAIL, billed=24 * (5 + TAIL)),
        TRANSFORMING: Bill(1, busy=9, idle=TAIL, billed=9 + TAIL),
    }


def test_a_changed_hour_runs_completely_and_publishes_after_the_last_source(
    schedule: Schedule,
) -> None:
    at = 8 * HOUR + 27 * 60
    day = schedule.day(changed=[8])

    assert len(day) == 24 + 24 + 48 + 1 + 1
    uses = [use for one in day for use in one.uses.get(TRANSFORMING, ())]
    # b ends after 300 s: 310 to 320 is the publication, after a's models and 150 idle seconds.
    assert sorted(uses) == [(5 * HOUR, 5 * HOUR + 9), (at + 60, at + 160), (at + 310, at + 320)]
    assert bills(day, IDLE)[TRANSFORMING].resumes == 3


def test_a_reload_runs_only_the_sources_that_are_loaded_again(schedule: Schedule) -> None:
    day = schedule.day(reloads=[3])

    assert [one.seconds for one in day].count(300) == 1
    assert [one.seconds for one in day].count(200) == 0
    assert [one.seconds for one in day].count(60) == 1


def test_a_changed_hour_needs_no_reload(schedule: Schedule) -> None:
    assert len(schedule.day(changed=[3], reloads=[3])) == len(schedule.day(changed=[3]))
