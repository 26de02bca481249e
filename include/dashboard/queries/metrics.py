"""The public metrics, now and before: the published versions that `publish_metrics` records."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from include.dashboard.queries.read import midnight, read

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


def public_now(connection: "SnowflakeConnection", before: date) -> pd.DataFrame:
    """The metrics of the newest published version, with their values on an earlier day.

    Args:
        before: The earlier day; values are those at its beginning.

    Returns:
        A row per metric, by name: `metric_name`, `metric_value` and `unit_label`; `metric_type`
        and `frequency`; `last_updated` (time, by its source) and `published_at` (time);
        `value_before` (missing if the metric was not public then); `made_up_before` (true if that
        value is sample data, which was never public).
    """
    return read(
        connection,
        "public_now",
        {
            "metric_name": "text",
            "metric_value": "number",
            "unit_label": "text",
            "metric_type": "text",
            "frequency": "text",
            "last_updated": "time",
            "published_at": "time",
            "value_before": "number",
            "made_up_before": "flag",
        },
        before=midnight(before),
    )


def published_by_day(connection: "SnowflakeConnection", since: date) -> pd.DataFrame:
    """Each metric's last public value of each day on which something was published.

    Returns:
        A row per metric and day, in that order: `metric_name`, `day`, `metric_value`, `unit_label`;
        `made_up` (true if the value is sample data, which was never public).
    """
    return read(
        connection,
        "published_by_day",
        {
            "metric_name": "text",
            "day": "day",
            "metric_value": "number",
            "unit_label": "text",
            "made_up": "flag",
        },
        since=midnight(since),
    )
