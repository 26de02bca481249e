"""The responder and the on-call rotation: hand-overs, swaps, deadlines, mentions, bad files."""

from datetime import datetime

import pytest

from include.incidents.on_call import (
    FALLBACK,
    STAFF,
    Responder,
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
FRIDAY_4PM, FRIDAY_455PM = "2026-11-20 16:00", "2026-11-20 16:55"
FRIDAY_5PM, SATURDAY_NOON = "2026-11-20 17:00", "2026-11-21 12:00"


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
    ("is_high", "moment", "name", "when", "mention"),
    [
        (True, TUESDAY_2PM, STAFF, "by Tue Nov 24, 2:30 PM PST", "<!subteam^S1>"),
        (False, TUESDAY_2PM, STAFF, "by Tue Nov 24, 5:00 PM PST", "<!subteam^S1>"),
        (False, FRIDAY_4PM, STAFF, "by Fri Nov 20, 5:00 PM PST", "<!subteam^S1>"),
        (False, FRIDAY_455PM, STAFF, "work starts Mon Nov 23, 9:00 AM PST", "<!subteam^S1>"),
        (True, FRIDAY_5PM, "Ana", "by Fri Nov 20, 6:00 PM PST", "<@UANA>"),
        (False, FRIDAY_5PM, "Ana", "work starts Mon Nov 23, 9:00 AM PST", ""),
        (True, SATURDAY_NOON, "Ana", "by Sat Nov 21, 1:00 PM PST", "<@UANA>"),
        (True, THANKSGIVING_3AM, "Ana", "by Thu Nov 26, 4:00 AM PST", "<@UANA>"),
        (False, THANKSGIVING_3AM, "Ana", "work starts Mon Nov 30, 9:00 AM PST", ""),
    ],
)
def test_the_responder_has_a_time_and_is_mentioned_only_when_needed(
    is_high: bool, moment: str, name: str, when: str, mention: str
) -> None:
    who = choose_responder(is_high, at(moment), ana_always, MENTIONS)
    assert (who.name, who.when, who.mention, who.warning) == (name, when, mention, "")
    assert who.starts is when.startswith("work starts")
    assert who.then == ""


@pytest.mark.parametrize(
    ("moment", "then"), [("16:30:00", ""), ("16:30:01", "Ana"), ("16:59:59", "Ana")]
)
def test_a_deadline_after_five_names_who_takes_over_without_a_call(moment: str, then: str) -> None:
    who = choose_responder(True, at(f"2026-11-20 {moment}"), ana_always, MENTIONS)
    assert (who.name, who.mention, who.then) == (STAFF, "<!subteam^S1>", then)


def test_who_takes_over_is_on_call_at_five_and_not_at_the_failure() -> None:
    def changes_at_five() -> Rotation:
        return parse_rotation(WEEKS.replace("09:00", "17:00"))

    monday = at("2026-11-16 16:55")
    who = choose_responder(True, monday, changes_at_five, MENTIONS)

    assert (changes_at_five().on_call(monday), who.then) == ("Ben", "Cy")
    assert choose_responder(True, at("2026-11-16 17:00"), changes_at_five, MENTIONS).name == "Cy"


def test_the_person_on_call_takes_over_a_high_incident_at_five_with_a_call() -> None:
    who = choose_responder(True, at(FRIDAY_5PM), ana_always, MENTIONS)
    assert who == Responder("Ana", at("2026-11-20 18:00"), "<@UANA>")


@pytest.mark.parametrize(
    ("moment", "when"),
    [
        ("2026-11-01 01:30", "by Sun Nov 1, 1:30 AM PST"),  # the hour comes twice
        ("2026-03-08 01:30", "by Sun Mar 8, 3:30 AM PDT"),  # 2 a.m. is skipped
    ],
)
def test_the_hour_to_respond_is_an_hour_when_the_clocks_change(moment: str, when: str) -> None:
    rotation = parse_rotation(WEEKS.replace("2026-11-02", "2026-03-02"))
    assert choose_responder(True, at(moment), lambda: rotation, {}).when == when


@pytest.mark.parametrize(
    ("is_high", "moment", "name", "mention", "then"),
    [
        (True, THANKSGIVING_3AM, FALLBACK, "<@UANALYTICA>", ""),
        (False, THANKSGIVING_3AM, FALLBACK, "", ""),
        (True, FRIDAY_455PM, STAFF, "<!subteam^S1>", FALLBACK),
    ],
)
def test_with_an_invalid_rotation_analytica_responds_and_the_message_warns(
    is_high: bool, moment: str, name: str, mention: str, then: str
) -> None:
    def broken() -> Rotation:
        raise RotationError("there is a gap after 2026-11-20")

    who = choose_responder(is_high, at(moment), broken, MENTIONS)

    assert (who.name, who.mention, who.then) == (name, mention, then)
    assert "gap after 2026-11-20" in who.warning


def test_a_person_without_a_slack_id_is_reached_by_analyticas() -> None:
    who = choose_responder(True, at(THANKSGIVING_3AM), ana_always, {FALLBACK: "<@UANALYTICA>"})
    assert (who.name, who.mention) == ("Ana", "<@UANALYTICA>")
