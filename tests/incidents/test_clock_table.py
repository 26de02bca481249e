"""The pipeline's clock against an independent oracle, at more than 4,000 times."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from include.incidents.business_hours import (
    closing_time,
    in_business_hours,
    last_closing,
    last_opening,
    next_opening,
    retrospective_day,
)
from include.incidents.on_call import (
    Responder,
    Rotation,
    choose_responder,
    parse_rotation,
)
from include.times import CALIFORNIA
from include.working_days import is_working_day
from tests.incidents import clock_oracle as oracle
from tests.incidents.clock_oracle import DAILY, PEOPLE, WEEKLY, Turns

MENTIONS = {name: f"<@{name}>" for name in (oracle.STAFF, *PEOPLE)}
BOTH_TURNS = pytest.mark.parametrize("turns", [WEEKLY, DAILY], ids=["weekly at 9", "daily at 17"])


def rotation_of(turns: Turns) -> Callable[[], Rotation]:
    """Read the rotation with the oracle's turns."""
    rotation = parse_rotation(
        f'{{hand_over: "{turns.hour:02}:00", rotations: [{{from: {oracle.FIRST_TURN},'
        f" days: {turns.days}, people: [{', '.join(PEOPLE)}]}}]}}"
    )
    return lambda: rotation


def as_answer(who: Responder) -> oracle.Answer:
    """The responder in the oracle's terms."""
    assert who.mention in ("", MENTIONS[who.name])
    assert (who.warning, who.by.tzinfo) == ("", CALIFORNIA)
    return oracle.Answer(who.name, who.by.astimezone(UTC), bool(who.mention), who.then, who.starts)


def both_zones(moment: datetime) -> Iterator[datetime]:
    """The moment as the watch has it, in UTC, and in California's time."""
    yield moment
    yield moment.astimezone(CALIFORNIA)


def test_the_table_has_the_times_at_which_the_clock_goes_wrong() -> None:
    assert len(oracle.moments) > 4000
    assert sum(oracle.staff_work(moment) for moment in oracle.moments) > 1000
    # The hour that the clock repeats, the one that it skips, and both moved Veterans Days.
    clocks = [f"{oracle.local(moment):%Y-%m-%d %H:%M}" for moment in oracle.moments]
    assert clocks.count("2026-11-01 01:00") == 2
    assert "2026-03-08 02:00" not in clocks
    assert {"2028-11-10 12:00", "2029-11-12 12:00"} <= set(clocks)


@BOTH_TURNS
@pytest.mark.parametrize("is_high", [True, False], ids=["high", "low"])
def test_the_responder_is_the_oracles_at_every_time(turns: Turns, is_high: bool) -> None:
    rotation = rotation_of(turns)
    different = [
        (f"{oracle.local(moment):%a %x %X}", found, expected)
        for moment in oracle.moments
        for zoned in both_zones(moment)
        if (found := as_answer(choose_responder(is_high, zoned, rotation, MENTIONS)))
        != (expected := oracle.answer(is_high, moment, turns))
    ]
    assert different == []


def test_a_low_severity_is_never_due_before_a_high_one_of_the_same_moment() -> None:
    rotation = rotation_of(WEEKLY)
    for moment in oracle.moments:
        high, low = (choose_responder(each, moment, rotation, MENTIONS) for each in (True, False))
        if low.starts:  # It has no deadline, and nobody works before an opening.
            assert low.by.time() == oracle.OPENINGS[0].astimezone(CALIFORNIA).time()
            assert in_business_hours(low.by)
        else:
            assert low.by >= high.by
        assert not high.starts


def test_after_hours_a_person_is_called_for_a_high_severity_and_only_named_for_a_low_one() -> None:
    rotation = rotation_of(WEEKLY)
    for moment in oracle.moments:
        if not oracle.staff_work(moment):
            high, low = (choose_responder(one, moment, rotation, MENTIONS) for one in (True, False))
            assert high.name == low.name != oracle.STAFF
            assert (bool(high.mention), low.mention) == (True, "")


@BOTH_TURNS
def test_at_every_closing_a_high_incident_goes_to_the_person_on_call(turns: Turns) -> None:
    rotation = rotation_of(turns)
    for closing in oracle.CLOSINGS:
        who = as_answer(choose_responder(True, closing, rotation, MENTIONS))
        expected = turns.person(closing)
        assert who == oracle.Answer(expected, closing + timedelta(hours=1), mentioned=True)
        # It is the person whom a high one of five minutes before has named already.
        before = choose_responder(True, closing - timedelta(minutes=5), rotation, MENTIONS)
        assert (before.name, before.then) == (oracle.STAFF, expected)


def test_openings_and_closings_are_the_oracles_at_every_time() -> None:
    for moment in oracle.moments:
        for zoned in both_zones(moment):
            assert in_business_hours(zoned) == oracle.staff_work(moment), moment
            assert next_opening(zoned) == oracle.next_opening(moment), moment
            assert last_opening(zoned) == oracle.last_opening(moment), moment
            assert last_closing(zoned) == oracle.last_closing(moment), moment
            assert closing_time(zoned) == oracle.utc(oracle.local(moment).date(), 17), moment
            assert retrospective_day(zoned) == oracle.retrospective(moment), moment


def test_the_working_days_of_five_years_are_those_of_the_law() -> None:
    first, last = oracle.WORKING_DAYS[0], oracle.WORKING_DAYS[-1]
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    assert [day for day in days if is_working_day(day)] == oracle.WORKING_DAYS


def test_every_opening_and_closing_is_its_own_newest_one() -> None:
    second = timedelta(seconds=1)
    for opening, closing in zip(oracle.OPENINGS[1:-1], oracle.CLOSINGS[1:-1], strict=True):
        assert next_opening(opening) == last_opening(opening) == opening
        assert last_opening(closing - second) == opening > last_opening(opening - second)
        assert last_closing(closing) == closing > last_closing(closing - second)
        assert (in_business_hours(opening), in_business_hours(closing)) == (True, False)
