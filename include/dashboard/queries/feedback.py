"""Visitors' feedback on the public pages."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from include.dashboard.queries.read import read

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


def feedback_by_page_and_week(connection: "SnowflakeConnection", since: date) -> pd.DataFrame:
    """The answers on each page, week by week.

    Args:
        since: Weeks that end before this day are left out.

    Returns:
        A row per page and week, in that order: `page`, `week_starting` (day, a Monday),
        `responses` and `helpful_responses` (counts).
    """
    return read(
        connection,
        "feedback_by_page_and_week",
        {
            "page": "text",
            "week_starting": "day",
            "responses": "count",
            "helpful_responses": "count",
        },
        since=since,
    )
