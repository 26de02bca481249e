"""What the watch from outside posts, decided from what it remembers: a table, and ten days."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.publishing.public_file import Fault
from include.times import CALIFORNIA, california_time
from tools.outside_watch.memory import (
    Change,
    Event,
    Finding,
    decide,
    read_memory,
    remember,
    write_memory,
)

MISSING = Fault("missing", "The public file is missing.")
SILENT = Fault("heartbeat", "Nobody watches.", is_wrong=False)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in November 2026, in California; the 26th is Thanksgiving."""
    return datetime(2026, 11, day, hour, minute, tzinfo=CALIFORNIA).astimezone(UTC)


def story(
    begins: datetime, days: int, wrong: Callable[[timedelta], tuple[Fault, ...]]
) -> list[tuple[str, str, str]]:
    """The messages of a run each quarter of an hour: the time, the event and the finding.

    Args:
        begins: The first run.
        days: How long.
        wrong: The faults by the time since then.
    """
    memory: dict[str, Finding] = {}
    posted = []
    for number in range(days * 24 * 4):
        now = begins + number * QUARTER
        changes = decide(memory, wrong(now - begins), now)
        memory = remember(memory, changes)
        posted += [
            (california_time(now).rsplit(" ", 1)[0], one.event.value, one.finding.key)
            for one in changes
            if one.event
        ]
    return posted


def test_a_silent_watch_is_posted_again_at_each_opening_of_offices() -> None:
    # Wednesday afternoon before Thanksgiving, until Tuesday morning.
    posted = story(at(25, 14), 10, lambda past: (SILENT,) if past < timedelta(days=5.8) else ())

    assert posted == [
        ("Wed Nov 25, 2:00 PM", "opened", "heartbeat"),
        ("Mon Nov 30, 9:00 AM", "still open", "heartbeat"),
        ("Tue Dec 1, 9:00 AM", "still open", "heartbeat"),
        ("Tue Dec 1, 9:15 AM", "recovered", "heartbeat"),
    ]


def test_a_wrong_file_is_posted_again_every_morning_on_holidays_too() -> None:
    posted = story(at(25, 14), 3, lambda past: (MISSING,))

    assert posted == [
        ("Wed Nov 25, 2:00 PM", "opened", "missing"),
        ("Thu Nov 26, 9:00 AM", "still open", "missing"),
        ("Fri Nov 27, 9:00 AM", "still open", "missing"),
        ("Sat Nov 28, 9:00 AM", "still open", "missing"),
    ]


def test_a_first_message_after_the_opening_is_not_repeated_that_day() -> None:
    assert len(story(at(18, 9), 1, lambda past: (SILENT, MISSING))) == 2


def test_a_watch_that_is_silent_every_other_hour_for_ten_days_is_a_few_messages() -> None:
    posted = story(at(9, 10), 11, lambda past: (SILENT,) if in_odd_hours(past) else ())

    # From its first day to its last it is one finding, with the reminder of each working day.
    assert [one[1] for one in posted] == ["opened", "recovered", *["still open"] * 6, "recovered"]
    assert posted[-1][0] == "Thu Nov 19, 3:00 PM"


def in_odd_hours(past: timedelta) -> bool:
    return past < timedelta(days=10) and past // HOUR % 2 == 0


@pytest.mark.parametrize(
    ("fault", "gone", "expected"),
    [
        (MISSING, HOUR, ["opened", "recovered", "wrong again", "recovered"]),
        (SILENT, HOUR, ["opened", "recovered", "recovered"]),
        (MISSING, 6 * HOUR, ["opened", "recovered", "opened", "recovered"]),
        (SILENT, 6 * HOUR, ["opened", "recovered", "opened", "recovered"]),
        (SILENT, 6 * HOUR - QUARTER, ["opened", "recovered", "recovered"]),
    ],
)
def test_what_comes_back_within_six_hours_is_the_same(
    fault: Fault, gone: timedelta, expected: list[str]
) -> None:
    def wrong(past: timedelta) -> tuple[Fault, ...]:
        return (fault,) if past < HOUR or HOUR + gone <= past < 2 * HOUR + gone else ()

    assert [event for _, event, _ in story(at(17, 18), 1, wrong)] == expected


def test_one_finding_neither_hides_nor_ends_another() -> None:
    def wrong(past: timedelta) -> tuple[Fault, ...]:
        return tuple(
            fault
            for fault, begins, ends in ((SILENT, 0, 5), (MISSING, 2, 3))
            if begins * HOUR <= past < ends * HOUR
        )

    assert [one[1:] for one in story(at(17, 18), 1, wrong)] == [
        ("opened", "heartbeat"),
        ("opened", "missing"),
        ("recovered", "missing"),
        ("recovered", "heartbeat"),
    ]


def test_the_newest_sentence_and_the_first_time_are_remembered(tmp_path: Path) -> None:
    first, later = at(17, 10), at(17, 11)
    memory = remember({}, decide({}, (SILENT,), first))
    again = decide(memory, (SILENT._replace(text="Nobody watches: 2 h ago."),), later)

    assert again == (Change(Finding("heartbeat", "Nobody watches: 2 h ago.", False, first, first)),)
    write_memory(tmp_path / "new" / "file.json", remember(memory, again))
    assert read_memory(tmp_path / "new" / "file.json") == {"heartbeat": again[0].finding}


def test_events_are_posted_in_their_order() -> None:
    assert [each.name for each in Event] == ["OPENED", "RETURNED", "REMINDED", "RECOVERED"]
