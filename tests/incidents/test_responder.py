"""Who responds, by when, and whom Slack calls: on a Tuesday afternoon and in a holiday's night."""

from datetime import datetime

import pytest

from include.incidents.on_call import (
    FALLBACK,
    STAFF,
    Rotation,
    RotationError,
    read_rotation,
    responder,
)
from include.times import CALIFORNIA

MENTIONS = {STAFF: "<!subteam^S1>", "Ana": "<@UANA>", FALLBACK: "<@UANALYTICA>"}
TUESDAY_2PM, THANKSGIVING_3AM = "2026-11-24 14:00", "2026-11-26 03:00"
SATURDAY_NOON, FRIDAY_5PM = "2026-11-21 12:00", "2026-11-20 17:00"


def ours() -> Rotation:
    return read_rotation(
        '{hand_over: "09:00", rotations: [{from: 2026-11-02, days: 7, people: [Ana]}]}'
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CALIFORNIA)


@pytest.mark.parametrize(
    ("high", "moment", "name", "by", "mention"),
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
def test_the_right_person_is_named_and_called(
    high: bool, moment: str, name: str, by: str, mention: str
) -> None:
    who = responder(high, at(moment), ours, MENTIONS)
    assert (who.name, who.by, who.mention, who.warning) == (name, at(by), mention, "")


def test_a_rotation_with_a_gap_falls_back_to_analytica_with_a_warning() -> None:
    def broken() -> Rotation:
        raise RotationError("there is a gap after 2026-11-20")

    who = responder(True, at(THANKSGIVING_3AM), broken, MENTIONS)

    assert (who.name, who.mention) == (FALLBACK, "<@UANALYTICA>")
    assert "gap after 2026-11-20" in who.warning


def test_a_person_without_a_slack_id_is_called_by_analyticas() -> None:
    who = responder(True, at(THANKSGIVING_3AM), ours, {FALLBACK: "<@UANALYTICA>"})
    assert (who.name, who.mention) == ("Ana", "<@UANALYTICA>")
