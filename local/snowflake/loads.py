"""`COPY INTO table`: from which database fakesnow is to be run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from local.snowflake.plan import qualified

if TYPE_CHECKING:
    from local.snowflake.session import Session


@contextmanager
def at_home_of(session: Session, expression: Expr) -> Iterator[None]:
    """Load from the table's own database.

    fakesnow notes every load in the current database, and a transaction of DuckDB's writes to
    one database only.
    """
    target = expression.this if isinstance(expression, exp.Copy) else None
    table = target.find(exp.Table) if isinstance(target, Expr) else None
    home = qualified(table, session.database, session.schema) if table is not None else None
    if home is None or not home[0] or home[0] == session.database:
        yield
        return
    before = f"{session.database or 'memory'}.{session.schema or 'main'}"
    session.connection.execute(f"SET schema='{home[0]}.{home[1]}'")
    try:
        yield
    finally:
        session.connection.execute(f"SET schema='{before}'")
