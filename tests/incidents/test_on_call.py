"""The responder and the on-call rotation: hand-overs, swaps, deadlines, mentions, bad files."""

from datetime import datetime

import pytest

from include.incidents.on_call import (
    FALLBACK,
    STAFF,
    Rotation,
    RotationError,
    choose_responder,
    declared_rotation,
    parse_rotation,
)
from include.times import CALIFORNIA

WEEKS = """
hand_over: "09:00"
rotations:
  - {from: 2026-11-02, until: 2026-12-07, days: 7, people: [Ana, Ben, Cy]}
  - {from: 2026-12-07, days: 7, people: [Dee]}
overrides:
  - {from: 2026-11-25, until: 2026-11-27, person: Eve, reason: a swap}
"""

MENTIONS = {STAFF: "<!subteam^S1>", "Ana": "<@UANA>", FALLBACK: "<@UANALYTICA>"}
TUESDAY_2PM, THANKSGIVING_3AM = "2026-11-24 14:00", "2026-11-26 03:00"
SATURDAY_NOON, FRIDAY_5PM = "2026-11-21 12:00", "2026-11-20 17:00"


def at(text: str) -> datetime:
    """A time in California."""
    return datetime.fromisoformat(text).replace(tzinfo=CALIFORNIA)


def ana_always() -> Rotation:
    """A rotation of one person."""
    return parse_rotation(
        '{hand_over: "09:00", rotations: [{from: 2026-11-02, days: 7, people: [Ana]}]}'
    )


@pytest.mark.parametrize(
    ("moment", "person"),
    [
        ("2026-11-02 09:00", "Ana"),
        ("2026-11-09 08:59", "Ana"),  # until the hand-over on Monday
        ("2026-11-09 09:00", "Ben"),
        ("2026-11-16 12:00", "Cy"),
        ("2026-11-24 23:00", "Ana"),  # the first follows the last
        ("2026-11-25 08:59", "Ana"),
        ("2026-11-25 09:00", "Eve"),
        ("2026-11-27 08:59", "Eve"),
        ("2026-11-27 09:00", "Ana"),
        ("2026-12-07 08:59", "Ben"),
        ("2026-12-07 09:00", "Dee"),
        ("2027-11-24 03:00", "Dee"),
    ],
)
def test_one_person_is_on_call_at_every_moment(moment: str, person: str) -> None:
    assert parse_rotation(WEEKS).on_call(at(moment)) == person


@pytest.mark.parametrize(
    ("text", "replacement", "error"),
    [
        ("until: 2026-12-07", "until: 2026-12-06", "a gap between the rotation until 2026-12-06"),
        ("until: 2026-12-07", "until: 2026-12-08", "an overlap between the rotation until"),
        ("until: 2026-12-07, ", "", "an overlap between the rotation without an until"),
        ("from: 2026-12-07,", "from: 2026-12-07, until: 2027-01-01,", "a gap after 2027-01-01"),
        ("people: [Dee]", "people: []", "rotations.1.people"),
        ("days: 7, people: [Dee]", "days: 0, people: [Dee]", "rotations.1.days"),
        ("person: Eve", "who: Eve", "overrides.0"),
        ("until: 2026-11-27", "until: 2026-11-25", "is not after from 2026-11-25"),
        (
            "overrides:",
            "overrides:\n  - {from: 2026-11-26, until: 2026-11-28, person: Fay, reason: x}",
            "an overlap of overrides: Eve until 2026-11-27 and Fay from 2026-11-26",
        ),
        ('"09:00"', "nine", "hand_over"),
        ("rotations:", "rotations: [", "not YAML"),
    ],
)
def test_a_gap_an_overlap_or_a_typo_is_refused_with_its_place(
    text: str, replacement: str, error: str
) -> None:
    assert text in WEEKS
    with pytest.raises(RotationError) as refused:
        parse_rotation(WEEKS.replace(text, replacement))
    assert error in str(refused.value)


def test_before_the_first_rotation_nobody_is_on_call() -> None:
    with pytest.raises(RotationError, match="begins on 2026-11-02"):
        parse_rotation(WEEKS).on_call(datetime(2026, 10, 1, tzinfo=CALIFORNIA))


def test_the_declared_rotation_is_valid() -> None:
    assert declared_rotation().on_call(datetime(2026, 11, 24, 3, tzinfo=CALIFORNIA))


@pytest.mark.parametrize(
    ("is_high", "moment", "name", "by", "mention"),
    [
        (True, TUESDAY_2PM, STAFF, "2026-11-24 14:30", "<!subteam^S1>"),
        (False, TUESDAY_2PM, STAFF, "2026-11-24 17:00", "<!subteam^S1>"),
        (True, THANKSGIVING_3AM, "Ana", "2026-11-26 04:00", "<@UANA>"),
        (False, THANKSGIVING_3AM, STAFF, "2026-11-30 10:00", ""),
        (True, SATURDAY_NOON, "Ana", "2026-11-21 13:00", "<@UANA>"),
        (False, SATURDAY_NOON, STAFF, "2026-11-23 10:00", ""),
        (False, FRIDAY_5PM, STAFF, "2026-11-23 10:00", ""),
        (True, FRIDAY_5PM, "Ana", "2026-11-20 18:00", "<@UANA>"),
    ],
)
def test_the_responder_has_a_deadline_and_is_mentioned_only_when_needed(
    is_high: bool, moment: str, name: str, by: str, mention: str
) -> None:
    who = choose_responder(is_high, at(moment), ana_always, MENTIONS)
    assert (who.name, who.by, who.mention, who.warning) == (name, at(by), mention, "")


def test_with_an_invalid_rotation_analytica_responds_and_the_message_warns() -> None:
    def broken() -> Rotation:
        raise RotationError("there is a gap after 2026-11-20")

    who = choose_responder(True, at(THANKSGIVING_3AM), broken, MENTIONS)

    assert (who.name, who.mention) == (FALLBACK, "<@UANALYTICA>")
    assert "gap after 2026-11-20" in who.warning


def test_a_person_without_a_slack_id_is_reached_by_analyticas() -> None:
    who = choose_responder(True, at(THANKSGIVING_3AM), ana_always, {FALLBACK: "<@UANALYTICA>"})
    assert (who.name, who.mention) == ("Ana", "<@UANALYTICA>")
