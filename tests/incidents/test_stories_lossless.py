"""Lost callbacks change nothing but the minute: random days with and without them."""

import random
from datetime import date

import pytest

from include.incidents.incident import Event
from tests.incidents.simulated_days import Days
from tests.incidents.simulated_problems import DOWN, EXPIRED, KILLED, SNOWFLAKE, TOO_FEW, in_dbt

# Not `verify`: its failure is over when the watch finds the file right, so that a lost one that was
# over may be reported when the file is wrong soon after.
TASKS = (
    "usace.load",
    "usace.release",
    "epa.load",
    "malibu.load_points",
    "airtable.sync",
    "airtable.transform.airtable_metrics_model_build",
    "publish_metrics.promote",
    "publish_metrics.audit",
    "keep_history.transform.parcels_snapshot",
)
TEXTS = (DOWN, TOO_FEW, SNOWFLAKE, in_dbt("a_model"), EXPIRED, KILLED)


def random_days(seed: int, lost: float) -> Days:
    """Ten days with random failures and faults; the same for each share of lost callbacks."""
    dice, days = random.Random(seed), Days(date(2026, 11, 20))
    days.lost = lost
    hours = [f"{day:%a %d} {hour:02}" for day in days.dates[:-1] for hour in range(24)]
    for task in TASKS:
        minute, hour = dice.randrange(60), dice.randrange(40)
        while hour < len(hours) - 1:
            last = min(hour + dice.randint(1, 30), len(hours) - 1)
            # Without a green run in between, the next failure is another cause in the same task.
            is_green, text = dice.random() < 0.8, dice.choice(TEXTS)
            begins, ends = f"{hours[hour]}:{minute:02}", f"{hours[last]}:{minute:02}"
            days.fails(task, begins, ends, text, is_green_then=is_green)
            hour = last + (dice.randint(1, 50) if is_green else 0)
    for fault in ("altered", "missing", "rewritten"):
        hour = dice.randrange(len(hours) - 9)
        days.lasts("fault", fault, f"{hours[hour]}:00", f"{hours[hour + 8]}:00")
    return days


@pytest.mark.parametrize(("seed", "lost"), [(0, 0.3), (1, 0.7), (2, 1.0)])
def test_whatever_callbacks_are_lost_the_same_is_open_and_nothing_is_posted_twice(
    seed: int, lost: float
) -> None:
    lossless, lossy = random_days(seed, 0.0), random_days(seed, lost)
    lossless.run()
    lossy.run()

    assert max(map(len, lossless.open_after_watch)) > 5, "the days are eventful"
    assert lossy.open_after_watch == lossless.open_after_watch
    for days in (lossless, lossy):
        opened = attempts_that_opened(days)
        assert len(opened) > 10
        assert len(opened) == len(set(opened))


def attempts_that_opened(days: Days) -> list[tuple[str, str, int]]:
    """The failed attempts that were posted as something new."""
    return [
        problem.attempt
        for message in days.messages
        if message.event in (Event.OPENED, Event.RETURNED)
        for incident in message.incidents
        for problem in incident.problems
        if problem.is_task
    ]
