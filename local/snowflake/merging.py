"""MERGE: whose columns the inserted values are, and in which database it is noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from local.snowflake.plan import qualified

if TYPE_CHECKING:
    from local.snowflake.session import Session


def name_source_columns(expression: Expr) -> None:
    """Say of every inserted value that it is the source's column, as Snowflake takes it.

    dbt leaves it unsaid, and fakesnow joins the target to the source, where it would be either's.
    """
    if not isinstance(expression, exp.Merge):
        return
    source = expression.args["using"].alias_or_name
    for when in expression.find_all(exp.When):
        inserted = when.args.get("then")
        if not isinstance(inserted, exp.Insert) or not isinstance(inserted.expression, Expr):
            continue
        for column in inserted.expression.find_all(exp.Column):
            if not column.table:
                column.set("table", exp.to_identifier(source))


@contextmanager
def at_home_of(session: Session, expression: Expr) -> Iterator[None]:
    """Merge as if the target's database were the current one.

    fakesnow makes a helper table and notes that in the current database, and a transaction of
    DuckDB's writes to one database only.
    """
    if not isinstance(expression, exp.Merge):
        yield
        return
    before = session.database
    session.database = qualified(expression.this, before, session.schema)[0] or before
    try:
        yield
    finally:
        session.database = before
