"""The state of the pipeline: loads, the age of their data, and incidents."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
from snowflake.connector.errors import ProgrammingError

from include.dashboard.queries.read import MISSING, Kind, midnight, read, to_frame

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


def loads_by_day(connection: "SnowflakeConnection", since: date) -> pd.DataFrame:
    """The loaders' loads, by source, table and day. Fivetran's syncs are not in the load log.

    Returns:
        A row each, by day: `day`, `source`, `table_name`; `loads` (count of those that completed)
        and `failures` (count of those that failed); `median_seconds` and `longest_seconds` of the
        completed ones (missing if all failed); `bytes` (count) received by all.
    """
    return read(
        connection,
        "loads_by_day",
        {
            "day": "day",
            "source": "text",
            "table_name": "text",
            "loads": "count",
            "failures": "count",
            "median_seconds": "number",
            "longest_seconds": "number",
            "bytes": "count",
        },
        since=midnight(since),
    )


def newest_loads(connection: "SnowflakeConnection") -> pd.DataFrame:
    """The newest successful load of each raw table, however old, and the failures after it.

    Returns:
        A row per table, by name: `source`, `table_name`; `loaded_at` (time), `row_count` and
        `rows_before` (counts; the load before it), `seconds`, `source_edited_at` (time; missing
        where the source declares none); `failures_since` (count) and the last one's `reason`.
    """
    return read(
        connection,
        "newest_loads",
        {
            "source": "text",
            "table_name": "text",
            "loaded_at": "time",
            "row_count": "count",
            "rows_before": "count",
            "seconds": "number",
            "source_edited_at": "time",
            "failures_since": "count",
            "reason": "text",
        },
    )


def newest_value(connection: "SnowflakeConnection", source: str) -> pd.DataFrame:
    """The age of a source's metrics, for sources that Fivetran syncs: the load log lacks them.

    Returns:
        One row: `last_updated` (time; missing if the mart is empty) and `metrics` (count).
    """
    return read(
        connection,
        "newest_value",
        {"last_updated": "time", "metrics": "count"},
        mart=f"{source}_metrics",
    )


def incidents(connection: "SnowflakeConnection", since: date) -> pd.DataFrame:
    """The newest state of each incident that was open at some time since a day.

    Returns:
        A row per incident, newest first: `incident`, `kind`, `severity`, `dag`, `tasks`;
        `opened_at` and `closed_at` (times; missing while it is open) and `hours` between them;
        `public_sees`, `error`, `responder`. No row before the first incident, with which the
        pipeline makes the log.
    """
    columns: dict[str, Kind] = {
        "incident": "text",
        "kind": "text",
        "severity": "text",
        "dag": "text",
        "tasks": "text",
        "opened_at": "time",
        "closed_at": "time",
        "hours": "number",
        "public_sees": "text",
        "error": "text",
        "responder": "text",
    }
    try:
        return read(connection, "incidents", columns, since=midnight(since))
    except ProgrammingError as error:
        if error.errno not in MISSING:
            raise
        return to_frame([], columns)
