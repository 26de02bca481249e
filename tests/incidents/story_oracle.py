"""Expected severities, written from the process before the rules were read.

The process, in the order in which it decides:

1. The served file is wrong, altered, missing or unreachable: high at any hour.
2. Values are older than they may be: high in business hours, against their own source's steps and
   the finding itself, never against another step; low off hours, when nobody can enter a number.
3. Everything else is low: a failed task whose public file is right only delays the next version.

The stories follow from these and from four more sentences of the process:

4. In hours staff respond; off hours the rotation does, called for high and only named for low.
5. One cause is one incident and one message. It is posted again when it is handed over at 17:00
   (high), at an opening (9:00; low on working days only), and when it is over.
6. A cause that returns within six hours reopens its incident quietly, unless the file is wrong
   again; later it is a new incident.
7. Nothing is posted twice, whichever of the callbacks are lost.
"""

from datetime import datetime
from enum import Enum

from tests.incidents.clock_oracle import staff_work


class Public(Enum):
    """The state of the public file, as far as it is known when a step fails."""

    RIGHT = "right"
    WRONG = "wrong"
    OWN_LATE = "values of the step's own source are late"
    OTHER_LATE = "values of another source are late"
    NOT_YET = "not published yet"
    NOT_CHECKED = "not checked"
    WRONG_LONG_AGO = "found wrong by a check of two hours ago"
    LATE_LONG_AGO = "found late by a check of two hours ago"


def expected_severity(is_wrong: bool, is_late: bool, moment: datetime) -> str:
    """The severity by rules 1 to 3.

    Args:
        is_wrong: Whether the public address serves a wrong or altered file, or none.
        is_late: Whether values are late that can be late because of this problem.
        moment: The time of the failure, in UTC.

    Returns:
        `high` or `low`.
    """
    return "high" if is_wrong or (is_late and staff_work(moment)) else "low"
