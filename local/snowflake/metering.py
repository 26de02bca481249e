"""`SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY`: each warehouse's credits, as a view.

Snowflake's own has a row an hour and lags behind by up to three hours; this one has the present
hour only, with all that the warehouse's meter has counted.
https://docs.snowflake.com/en/sql-reference/account-usage/warehouse_metering_history
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from sqlglot import Expr, exp

from local.snowflake.account import Session

NAME = ("SNOWFLAKE", "ACCOUNT_USAGE", "WAREHOUSE_METERING_HISTORY")
# The view's name in the session's DuckDB connection.
VIEW = ("temp", "main", "_WAREHOUSE_METERING_HISTORY")
_TIME = pa.timestamp("us", tz="UTC")
COLUMNS = pa.schema(
    {
        "START_TIME": _TIME,
        "END_TIME": _TIME,
        "WAREHOUSE_NAME": pa.string(),
        "CREDITS_USED": pa.float64(),
        "CREDITS_USED_COMPUTE": pa.float64(),
        "CREDITS_USED_CLOUD_SERVICES": pa.float64(),
    }
)


def provide(session: Session, expression: Expr) -> None:
    """Create the view for a statement that reads it, and point the statement to the view."""
    tables = [one for one in expression.find_all(exp.Table) if _names(one) == NAME]
    if not tables:
        return
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rows = [
        {
            "START_TIME": hour,
            "END_TIME": hour + timedelta(hours=1),
            "WAREHOUSE_NAME": name,
            "CREDITS_USED": one["credits"],
            "CREDITS_USED_COMPUTE": one["credits"],
            "CREDITS_USED_CLOUD_SERVICES": 0.0,
        }
        for name, one in session.account.warehouses.report().items()
    ]
    session.connection.register(VIEW[-1], pa.Table.from_pylist(rows, COLUMNS))
    for table in tables:
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(NAME[-1])))
        for part, name in zip(("catalog", "db", "this"), VIEW, strict=True):
            table.set(part, exp.to_identifier(name, quoted=True))


def _names(table: exp.Table) -> tuple[str, str, str]:
    return (table.catalog.upper(), table.db.upper(), table.name.upper())
