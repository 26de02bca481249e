"""Lost callbacks change nothing but the minute: random days with and without them."""

import random
from datetime import date

import pytest

from include.incidents.incident import Event
from tests.incidents.simulated_days import Days
from tests.incidents.test_stories import DOWN, EXPIRED, IN_DBT, KILLED, SNOWFLAKE, TOO_FEW

TASKS = (
    "usace.load",
    "usace.release",
    "epa.load",
    "malibu.load_points",
    "airtable.sync",
    "airtable.transform.airtable_metrics_model_build",
    "publish_metrics.promote",
    "publish_metrics.verify",
    "keep_history.transform.parcels_snapshot",
)
TEXTS = (DOWN, TOO_FEW, SNOWFLAKE, IN_DBT.replace("%pod%", "a_model"), EXPIRED, KILLED)


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


@pytest.mark.parametrize("seed", range(3))
def test_whatever_callbacks_are_lost_the_same_is_open_and_nothing_is_posted_twice(
    seed: int,
) -> None:
    lossless = random_days(seed, 0.0)
    lossless.run()
    assert max(map(len, lossless.open_after_watch)) > 5, "the days are eventful"

    for lost in (0.5, 1.0):
        lossy = random_days(seed, lost)
        lossy.run()
        assert lossy.open_after_watch == lossless.open_after_watch
        assert len(lossy.messages) <= len(lossless.messages)

        opened = attempts_that_opened(lossy)
        assert len(opened) > 10
        assert len(opened) == len(set(opened))


def attempts_that_opened(days: Days) -> list[tuple[str, str, int]]:
    """The failed attempts that Slack was told of as something new."""
    return [
        problem.attempt
        for message in days.messages
        if message.event in (Event.OPENED, Event.RETURNED)
        for incident in message.incidents
        for problem in incident.problems
        if problem.is_task
    ]
