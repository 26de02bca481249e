"""Lateness of a metric: more working days without an update than its frequency allows.

Weekends and state holidays do not count: staff enter no values then, so no holiday weekend makes a
metric late. A metric becomes late when offices open, and not at night.
"""

from datetime import datetime

from include.times import CALIFORNIA
from include.working_days import OPENS, working_day_after

# The working days after the day of an update, up to today, that each frequency allows. The other
# frequencies promise nothing.
WORKING_DAYS_ALLOWED = {
    # The next update is due 1 working day later. 1 more for a holiday of the source alone: EPA,
    # which dates its own data, is closed on Juneteenth and Columbus Day. 1 more for the day between
    # a holiday and a weekend that many take off.
    "daily": 3,
    # A week has 5. 3 more, as for a daily metric: the update may be on a later day of the week.
    "weekly": 8,
    # A month has at most 23. 8 more, as for a weekly metric: a month's value comes in the next
    # month's first week.
    "monthly": 31,
}


def is_late(frequency: str, updated_at: datetime, now: datetime) -> bool:
    """True if a metric was not updated for longer than its frequency allows.

    Args:
        frequency: The metric's update frequency, for example `daily`.
        updated_at: The time of the last update, with a time zone.
        now: The current time, with a time zone.
    """
    allowed = WORKING_DAYS_ALLOWED.get(frequency)
    if allowed is None:
        return False
    late_on = working_day_after(updated_at.astimezone(CALIFORNIA).date(), allowed + 1)
    return now >= datetime.combine(late_on, OPENS, CALIFORNIA)
