"""The rotation: who is on call when, hand-overs, swaps, and files that leave it open."""

from datetime import datetime

import pytest

from include.incidents.on_call import RotationError, declared_rotation, read_rotation
from include.times import CALIFORNIA

WEEKS = """
hand_over: "09:00"
rotations:
  - {from: 2026-11-02, until: 2026-12-07, days: 7, people: [Ana, Ben, Cy]}
  - {from: 2026-12-07, days: 7, people: [Dee]}
overrides:
  - {from: 2026-11-25, until: 2026-11-27, person: Eve, reason: a swap}
"""


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
def test_somebody_is_on_call_at_every_moment(moment: str, person: str) -> None:
    local = datetime.fromisoformat(moment).replace(tzinfo=CALIFORNIA)
    assert read_rotation(WEEKS).on_call(local) == person


@pytest.mark.parametrize(
    ("change", "to", "told"),
    [
        ("until: 2026-12-07", "until: 2026-12-06", "a gap between the rotation until 2026-12-06"),
        ("until: 2026-12-07", "until: 2026-12-08", "an overlap between the rotation until"),
        ("until: 2026-12-07, ", "", "an overlap between the rotation until ever"),
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
        ("rotations:", "rotations: [", "no YAML"),
    ],
)
def test_a_gap_an_overlap_or_a_slip_is_refused_by_name(change: str, to: str, told: str) -> None:
    assert change in WEEKS
    with pytest.raises(RotationError) as refused:
        read_rotation(WEEKS.replace(change, to))
    assert told in str(refused.value)


def test_before_the_first_rotation_nobody_is_on_call() -> None:
    with pytest.raises(RotationError, match="begins on 2026-11-02"):
        read_rotation(WEEKS).on_call(datetime(2026, 10, 1, tzinfo=CALIFORNIA))


def test_our_own_rotation_leaves_nothing_open() -> None:
    assert declared_rotation().on_call(datetime(2026, 11, 24, 3, tzinfo=CALIFORNIA))
