"""The warehouses' work for the pipeline, by the tags of its statements."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from include.dashboard.queries.read import midnight, read

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


def warehouse_cost(connection: "SnowflakeConnection", since: date) -> pd.DataFrame:
    """The seconds that the warehouses worked for each source and DAG, day by day.

    A statement's tag is a JSON object with `app`, `dag` and `source`. Statements of other
    applications are left out. Snowflake's history lags by up to 45 minutes:
    https://docs.snowflake.com/en/sql-reference/account-usage/query_history

    Returns:
        A row per day, source, DAG and warehouse, by day: `day`, `source`, `dag`, `warehouse`;
        `statements` and, of those, `failures` (counts); `seconds` from start to end, summed;
        `bytes_scanned` (count); `share` of all seconds of the period, from 0 to 1.
    """
    return read(
        connection,
        "warehouse_cost",
        {
            "day": "day",
            "source": "text",
            "dag": "text",
            "warehouse": "text",
            "statements": "count",
            "failures": "count",
            "seconds": "number",
            "bytes_scanned": "count",
            "share": "number",
        },
        since=midnight(since),
    )
