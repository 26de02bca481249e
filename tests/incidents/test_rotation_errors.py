"""What a rotation may say, the whole sentence for each mistake, and whom a failure reaches."""

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from include.incidents import on_call
from include.incidents.on_call import (
    Responder,
    Rotation,
    RotationError,
    choose_responder,
    declared_rotation,
    parse_rotation,
)
from include.times import CALIFORNIA

STAFF = "CalData or Analytica staff"
NIGHT = datetime(2026, 11, 24, 20, 0, tzinfo=CALIFORNIA)
DAY = datetime(2026, 11, 24, 14, 0, tzinfo=CALIFORNIA)
ROTATIONS = """
hand_over: "09:00"
rotations:
  - {from: 2026-11-02, until: 2026-12-07, days: 7, people: [Ana, Ben]}
  - {from: 2026-12-07, days: 2, people: [Cy, Dee, Eve]}
overrides:
  - {from: 2026-11-27, until: 2026-11-28, person: Gus, reason: a swap}
  - {from: 2026-11-25, until: 2026-11-27, person: Fay, reason: a swap}
"""


def error_of(old: str, new: str) -> str:
    """The error of the rotations after this change."""
    assert ROTATIONS.count(old) == 1
    with pytest.raises(RotationError) as refused:
        parse_rotation(ROTATIONS.replace(old, new))
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (
            "until: 2026-12-07,",
            "until: 2026-12-06,",
            "there is a gap between the rotation until 2026-12-06 and the one from 2026-12-07:"
            " end one on the day that the other begins",
        ),
        (
            "until: 2026-12-07,",
            "until: 2026-12-08,",
            "there is an overlap between the rotation until 2026-12-08 and the one from"
            " 2026-12-07: end one on the day that the other begins",
        ),
        (
            "until: 2026-12-07,",
            "",
            "there is an overlap between the rotation without an until and the one from"
            " 2026-12-07: end one on the day that the other begins",
        ),
        (
            "days: 2",
            "until: 2027-01-01, days: 2",
            "there is a gap after 2027-01-01: remove the until of the last rotation",
        ),
        (
            "until: 2026-11-27,",
            "until: 2026-11-28,",
            "there is an overlap of overrides: Fay until 2026-11-28 and Gus from 2026-11-27",
        ),
        (
            "until: 2026-12-07",
            "until: 2026-11-02",
            "rotations.0: until 2026-11-02 is not after from 2026-11-02",
        ),
        (
            "until: 2026-11-28",
            "until: 2026-11-20",
            "overrides.0: until 2026-11-20 is not after from 2026-11-27",
        ),
        ("days: 2", "days: 0", "rotations.1.days: Input should be greater than or equal to 1"),
        ("days: 2", "weeks: 1", "rotations.1.days: Field required"),
        ("days: 2", "days: 2, day: 1", "rotations.1.day: Extra inputs are not permitted"),
        ("hand_over", "handover: 1\nhand_over", "handover: Extra inputs are not permitted"),
        (
            "person: Gus",
            f"person: {'g' * 81}",
            "overrides.0.person: String should have at most 80 characters",
        ),
        (
            "person: Gus",
            "person: ''",
            "overrides.0.person: String should have at least 1 character",
        ),
        ("until: 2026-11-28, ", "", "overrides.0.until: Field required"),
        ("Gus, reason: a swap", "Gus", "overrides.0.reason: Field required"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_reason(old: str, new: str, error: str) -> None:
    assert error_of(old, new) == error


@pytest.mark.parametrize("text", ["", "[]", "just a text"])
def test_a_file_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(RotationError, match=r"^Input should be a valid dictionary"):
        parse_rotation(text)


def test_a_file_that_is_not_yaml_is_refused() -> None:
    error = error_of("rotations:", "rotations: [")
    assert error.startswith("the rotation is not YAML: while parsing a flow node\n")


def test_before_the_first_rotation_the_error_names_both_days() -> None:
    with pytest.raises(RotationError) as refused:
        parse_rotation(ROTATIONS).on_call(datetime(2026, 11, 2, 8, 59, tzinfo=CALIFORNIA))
    assert str(refused.value) == (
        "nobody is on call on 2026-11-01: the first rotation begins on 2026-11-02"
    )


def test_a_rotation_has_one_person_for_each_day() -> None:
    rotation = parse_rotation(ROTATIONS)
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=CALIFORNIA)

    people = [rotation.on_call(noon + timedelta(days=number)) for number in range(24)]

    assert people == [
        "Ben", "Ben", "Fay", "Fay", "Gus", "Ben", "Ben",
        *["Ana"] * 7,
        "Cy", "Cy", "Dee", "Dee", "Eve", "Eve", "Cy", "Cy", "Dee", "Dee",
    ]  # fmt: skip


def test_overrides_may_be_left_out() -> None:
    assert parse_rotation(ROTATIONS.partition("overrides")[0]).overrides == ()


def test_a_checked_rotation_cannot_be_changed() -> None:
    rotation = parse_rotation(ROTATIONS)
    with pytest.raises(ValidationError, match="frozen"):
        rotation.overrides = ()
    with pytest.raises(ValidationError, match="frozen"):
        rotation.rotations[0].until = None
    with pytest.raises(ValidationError, match="frozen"):
        rotation.overrides[0].person = "Ana"


def test_the_declared_rotation_is_the_one_in_the_file_beside_the_code() -> None:
    assert on_call.FILE.name == "rotation.yaml"
    assert declared_rotation() == parse_rotation(on_call.FILE.read_text())


def ana() -> Rotation:
    return parse_rotation(
        '{hand_over: "09:00", rotations: [{from: 2026-11-02, days: 7, people: [Ana]}]}'
    )


@pytest.mark.parametrize(
    ("is_high", "moment", "expected"),
    [
        (True, DAY, Responder(STAFF, datetime(2026, 11, 24, 14, 30, tzinfo=CALIFORNIA))),
        (False, DAY, Responder(STAFF, datetime(2026, 11, 24, 17, tzinfo=CALIFORNIA))),
        (True, NIGHT, Responder("Ana", datetime(2026, 11, 24, 21, tzinfo=CALIFORNIA))),
        (
            False,
            NIGHT,
            Responder("Ana", datetime(2026, 11, 25, 9, tzinfo=CALIFORNIA), starts=True),
        ),
    ],
)
def test_without_slack_ids_a_responder_is_named_and_nobody_is_mentioned(
    is_high: bool, moment: datetime, expected: Responder
) -> None:
    found = choose_responder(is_high, moment, ana, {})

    assert found == expected
    assert (found.mention, found.warning) == ("", "")


@pytest.mark.parametrize("is_high", [True, False])
def test_a_rotation_with_an_error_does_not_matter_in_business_hours(is_high: bool) -> None:
    def unread() -> Rotation:
        raise AssertionError("nobody on call is needed")

    found = choose_responder(is_high, DAY, unread, {STAFF: "<!subteam^S1>"})
    assert (found.name, found.mention) == (STAFF, "<!subteam^S1>")


@pytest.mark.parametrize("error", [RotationError("a gap"), FileNotFoundError("a gap")])
def test_a_rotation_that_cannot_be_read_is_a_warning(error: Exception) -> None:
    def broken() -> Rotation:
        raise error

    assert choose_responder(True, NIGHT, broken, {"Analytica on-call": "<@U1>"}) == Responder(
        "Analytica on-call",
        NIGHT + timedelta(hours=1),
        "<@U1>",
        warning="include/incidents/rotation.yaml does not say who is on call: a gap",
    )
