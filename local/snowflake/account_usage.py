"""`SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY`: the account's statements, as a view.

The view is created when a statement reads it. Snowflake's own lags behind by up to 45 minutes;
this one does not.
https://docs.snowflake.com/en/sql-reference/account-usage/query_history
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
from sqlglot import Expr, exp

from local.snowflake.account import Session
from local.snowflake.history import Statement

NAME = ("SNOWFLAKE", "ACCOUNT_USAGE", "QUERY_HISTORY")
# The view's name in the session's DuckDB connection.
VIEW = ("temp", "main", "_QUERY_HISTORY")
_TIME = pa.timestamp("us", tz="UTC")
COLUMNS = pa.schema(
    {
        "QUERY_ID": pa.string(),
        "QUERY_TEXT": pa.string(),
        "DATABASE_NAME": pa.string(),
        "SESSION_ID": pa.int64(),
        "USER_NAME": pa.string(),
        "ROLE_NAME": pa.string(),
        "WAREHOUSE_NAME": pa.string(),
        "QUERY_TAG": pa.string(),
        "EXECUTION_STATUS": pa.string(),
        "ERROR_MESSAGE": pa.string(),
        "START_TIME": _TIME,
        "END_TIME": _TIME,
        "TOTAL_ELAPSED_TIME": pa.int64(),
        "BYTES_SCANNED": pa.int64(),
        "ROWS_PRODUCED": pa.int64(),
    }
)


def provide(session: Session, expression: Expr) -> None:
    """Create the view for a statement that reads it, and point the statement to the view.

    A view that the account has made of it has the same name, in another schema, and reads it too.
    """
    tables = [one for one in expression.find_all(exp.Table) if one.name.upper() == NAME[-1]]
    if not tables:
        return
    rows = [_row(statement) for statement in session.account.history.ended()]
    session.connection.register(VIEW[-1], pa.Table.from_pylist(rows, COLUMNS))
    for table in tables:
        if _names(table) != NAME:
            continue
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(NAME[-1])))
        for part, name in zip(("catalog", "db", "this"), VIEW, strict=True):
            table.set(part, exp.to_identifier(name, quoted=True))


def _names(table: exp.Table) -> tuple[str, str, str]:
    return (table.catalog.upper(), table.db.upper(), table.name.upper())


def _row(statement: Statement) -> dict[str, object]:
    started = datetime.fromisoformat(statement.started_at)
    return {
        "QUERY_ID": statement.query_id,
        "QUERY_TEXT": statement.sql,
        "DATABASE_NAME": statement.database or None,
        "SESSION_ID": statement.session,
        "USER_NAME": statement.user,
        "ROLE_NAME": statement.role,
        "WAREHOUSE_NAME": statement.warehouse or None,
        "QUERY_TAG": statement.query_tag,
        "EXECUTION_STATUS": {"success": "SUCCESS", "failed": "FAIL"}[statement.status],
        "ERROR_MESSAGE": statement.error or None,
        "START_TIME": started,
        "END_TIME": started + timedelta(seconds=statement.seconds),
        "TOTAL_ELAPSED_TIME": round(statement.seconds * 1000),
        # DuckDB does not report the number.
        "BYTES_SCANNED": 0,
        "ROWS_PRODUCED": statement.rows,
    }
