"""Runs a SQL file of the folder `sql` and returns its rows as a DataFrame."""

import re
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from include import warehouse
from include.times import CALIFORNIA

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

Kind = Literal["text", "number", "count", "day", "time", "flag", "shape"]

SQL = Path(__file__).parent / "sql"
# The schema of the load log in the raw database.
LOADING = "LOADING"
# The schema of QUERY_HISTORY: a view of the pipeline's own statements in Snowflake's history of the
# account, whose statements' text the dashboard's role may not read.
ACCOUNT_USAGE = "{analytics}.PUBLIC"

# Snowflake's "object does not exist or not authorized", for a query and for another operation.
MISSING = (2003, 2043)

_PLACEHOLDER = re.compile(r"{{ *(\w+) *}}")
_NAME = re.compile(r"\w+(\.\w+)*")


def read(
    connection: "SnowflakeConnection", query: str, columns: dict[str, Kind], **values: date | str
) -> pd.DataFrame:
    """Run `sql/<query>.sql`.

    Args:
        connection: An open connection.
        query: The file's name.
        columns: The result's columns in order, with the kind of each: `text`; `number` (float64);
            `count` (Int64); `day` (datetime64, no zone); `time` (datetime64, UTC); `flag`
            (bool); `shape` (well-known binary).
        values: The values of the query's placeholders, besides the warehouse's schemas.

    Raises:
        snowflake.connector.errors.Error: The warehouse refuses the query, or does not answer.
        ValueError: A text among the values is not the name of a table or schema.
    """
    statement = _fill((SQL / f"{query}.sql").read_text(), {**_schemas(), **values})
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall()
    return to_frame(rows, columns)


def to_frame(rows: list[tuple[Any, ...]], columns: dict[str, Kind]) -> pd.DataFrame:
    """Rows as a DataFrame with these columns, as `read` describes them."""
    frame = pd.DataFrame.from_records(rows, columns=list(columns))
    return frame.assign(**{name: _convert(frame[name], kind) for name, kind in columns.items()})


def midnight(day: date) -> datetime:
    """The beginning of a day in California, in UTC."""
    return datetime.combine(day, time(), CALIFORNIA).astimezone(UTC)


def _schemas() -> dict[str, str]:
    analytics, prefix = warehouse.database("ANALYTICS"), warehouse.schema_prefix()
    return {
        "history": warehouse.history_schema(),
        "metrics": f"{analytics}.{prefix}METRICS",
        "page_feedback": f"{analytics}.{prefix}PAGE_FEEDBACK",
        "loading": f"{warehouse.database('RAW')}.{LOADING}",
        "account_usage": ACCOUNT_USAGE.format(analytics=analytics),
    }


def _fill(sql: str, values: dict[str, date | str]) -> str:
    """Fill the SQL's placeholders.

    The values are not bound, because Streamlit's connections and a notebook's use different marks
    for bound values. Only names, days and times go in, each in a form that cannot end a literal.
    """
    return _PLACEHOLDER.sub(lambda found: _literal(values[found[1]]), sql)


def _literal(value: date | str) -> str:
    if isinstance(value, datetime):
        return f"'{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}'::timestamp_ntz"
    if isinstance(value, date):
        return f"'{value:%Y-%m-%d}'::date"
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not the name of a table or schema.")
    return value


def _convert(values: pd.Series, kind: Kind) -> pd.Series:
    if kind == "time":
        return pd.to_datetime(values, utc=True)
    if kind == "day":
        return pd.to_datetime(values)
    if kind == "number":
        return pd.to_numeric(values).astype("float64")
    if kind == "count":
        return pd.to_numeric(values).astype("Int64")
    if kind == "shape":
        values = values.map(bytes, na_action="ignore")
    return values.astype("bool" if kind == "flag" else "object")
