"""NOT NULL columns of `CREATE TABLE … AS SELECT`: no NULL gets in, then or later.

fakesnow keeps the declared types of such a statement and forgets what may not be null.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
from fakesnow import info_schema
from sqlglot import Expr, exp

from local.snowflake.plan import qualified

if TYPE_CHECKING:
    from local.snowflake.session import Session

# A primary key implies it: https://docs.snowflake.com/en/sql-reference/constraints-overview
REQUIRED = (exp.NotNullColumnConstraint, exp.PrimaryKeyColumnConstraint)


@contextmanager
def enforced(session: Session, expression: Expr, translated: Expr) -> Iterator[None]:
    """Around the execution of a statement: require the columns of the table that it makes.

    Args:
        expression: The statement as the client sent it.
        translated: The same in DuckDB's words; what fakesnow would note of the table inside a
            transaction is taken off it, as notes are in a database of their own, and a
            transaction of DuckDB writes to one only.

    Raises:
        duckdb.ConstraintException: A required column has a NULL; the old table is as it was.
    """
    _mend_comment(translated)
    if session.transaction.begun:
        # Only a helper table of MERGE is made here, and nobody asks for its notes.
        _notes(translated)
        yield
        return
    columns = _required_columns(session, expression)
    if not columns:
        yield
        return
    lengths, comment = _notes(translated)
    connection = session.connection
    table = translated.this
    connection.begin()
    try:
        yield
        for column in columns:
            where = f"{table.sql(dialect='duckdb')} ALTER COLUMN {column.sql(dialect='duckdb')}"
            connection.execute(f"ALTER TABLE {where} SET NOT NULL")
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
    name = qualified(table, session.database, session.schema)
    if lengths:
        connection.execute(info_schema.insert_text_lengths_sql(*name, lengths))
    if comment:
        connection.execute(info_schema.insert_table_comment_sql(*name, comment[1]))


def _mend_comment(translated: Expr) -> None:
    """fakesnow writes a comment into its SQL as it is, and a missing one as `None`."""
    if comment := translated.args.get("table_comment"):
        table, text = comment
        translated.args["table_comment"] = (table, str(text or "").replace("'", "''"))


def _notes(translated: Expr) -> tuple[Any, Any]:
    return translated.args.pop("text_lengths", None), translated.args.pop("table_comment", None)


def _required_columns(session: Session, expression: Expr) -> list[exp.Identifier]:
    """None if the statement makes no table from a query, or `IF NOT EXISTS` finds one."""
    if not isinstance(expression, exp.Create) or not isinstance(expression.expression, exp.Query):
        return []
    schema = expression.this
    if not isinstance(schema, exp.Schema) or _stays(session, expression):
        return []
    return [
        _normal(column.this)
        for column in schema.expressions
        if isinstance(column, exp.ColumnDef) and any(map(_is_required, column.constraints))
    ]


def _stays(session: Session, expression: exp.Create) -> bool:
    """Whether `IF NOT EXISTS` leaves a table of this name as it is."""
    if not expression.args.get("exists"):
        return False
    try:
        table = expression.this.this.sql(dialect="duckdb")
        session.connection.execute(f"DESCRIBE {table}")
    except duckdb.CatalogException:
        return False
    return True


def _is_required(constraint: exp.ColumnConstraint) -> bool:
    kind = constraint.args.get("kind")
    # The same class stands for `NULL`, which allows it in words.
    return isinstance(kind, REQUIRED) and not kind.args.get("allow_null")


def _normal(name: exp.Identifier) -> exp.Identifier:
    text = str(name.this)
    return exp.to_identifier(text if name.quoted else text.upper(), quoted=True)
