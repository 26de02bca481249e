"""The need of a warehouse: which statements run on one, and which the account answers itself.

Rows of tables and stages, and every change of rows, need one:
https://docs.snowflake.com/en/user-guide/warehouses
Definitions, SHOW, DESCRIBE, transactions, session parameters, constants and files of stages do not,
nor do counts that a table's metadata has and results that are still stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import Expr, exp

from local.snowflake.account import Session
from local.snowflake.errors import as_snowflake_error, is_compilation_error
from local.snowflake.history import Statement
from local.snowflake.privileges import may_use_warehouse
from local.snowflake.sql import Name
from local.snowflake.stored_results import result_key

CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Copy)
# A type of which a table's metadata has the least and the greatest value.
_MEASURED = re.compile(r"(TINY|SMALL|BIG|HUGE)?INT|INTEGER|DECIMAL|DOUBLE|FLOAT|DATE|TIMESTAMP")


def needs_warehouse(session: Session, expression: Expr) -> bool:
    """True if a statement needs a warehouse, unless its result is stored.

    Args:
        session: The session that runs the statement.
        expression: The parsed statement.
    """
    if isinstance(expression, CHANGES):
        return True
    if isinstance(expression, exp.Create):
        return expression.args.get("kind") == "TABLE" and isinstance(
            expression.expression, exp.Query
        )
    if not isinstance(expression, exp.Query):
        return False
    return expression.find(exp.From) is not None and not _is_in_metadata(session, expression)


def _is_in_metadata(session: Session, query: exp.Query) -> bool:
    """True for `COUNT(*)`, `MIN` and `MAX` of a whole table, which its metadata has."""
    if not isinstance(query, exp.Select):
        return False
    given = {name for name, value in query.args.items() if value}
    source = query.args["from_"].this if "from_" in query.args else None
    if given - {"expressions", "from_", "kind", "hint"} or not isinstance(source, exp.Table):
        return False
    if not isinstance(source.this, exp.Identifier) or source.args.get("pivots"):
        return False
    columns = _columns(session, session.full_name(source))
    return bool(columns) and all(_is_measured(one.unalias(), columns) for one in query.expressions)


def _is_measured(value: Expr, columns: dict[str, str]) -> bool:
    if isinstance(value, exp.Count):
        return isinstance(value.this, exp.Star)
    if isinstance(value, exp.Min | exp.Max) and isinstance(value.this, exp.Column):
        name = value.this.this
        known = columns.get(name.this if name.quoted else name.this.upper(), "")
        return _MEASURED.match(known) is not None
    return False


def _columns(session: Session, table: Name) -> dict[str, str]:
    """The types of a table's columns by name; none of a view."""
    found = session.connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() JOIN duckdb_tables() USING"
        " (database_name, schema_name, table_name)"
        " WHERE database_name = ? AND schema_name = ? AND table_name = ?",
        list(table),
    )
    return dict(found.fetchall())


@contextmanager
def on_warehouse(
    session: Session, statement: Statement, expression: Expr, params: object
) -> Iterator[None]:
    """Run a statement on the session's warehouse if it needs one, and record that it did.

    Args:
        session: The session that runs the statement.
        statement: The statement's record; `used_warehouse` is set.
        expression: The parsed statement.
        params: The values of its placeholders.

    Raises:
        ProgrammingError: It needs a warehouse, and the session has none that resumes; or its own.
    """
    account, name = session.account, session.identity.warehouse
    if not needs_warehouse(session, expression):
        yield
        return
    results = account.stored_results
    key = result_key(session, statement.sql, params, expression)
    if results.answers(session, expression, key):
        yield
        results.use_again(key)
        return
    change = results.change
    # After USE ROLE, the current warehouse may be one that the role cannot use.
    with account.warehouses.statement(name if may_use_warehouse(session, name) else ""):
        try:
            yield
        except Exception as error:
            known = as_snowflake_error(error)
            statement.used_warehouse = "" if is_compilation_error(known) else name
            raise known from error
        statement.used_warehouse = name
    results.store(key, change)
