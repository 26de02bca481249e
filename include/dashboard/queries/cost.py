"""What the pipeline asks of the warehouses, by the tag that each of its statements carries."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from include.dashboard.queries.read import midnight, read

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


def warehouse_cost(connection: "SnowflakeConnection", since: date) -> pd.DataFrame:
    """How long the warehouses worked for each source and DAG, day by day.

    A statement's tag is a JSON object with `app`, `dag` and `source`. Statements of other
    applications are left out. Snowflake fills this history with up to 45 minutes' delay:
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
