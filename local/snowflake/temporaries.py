"""Temporary tables and views with a full name, which DuckDB has not: made, and dropped at the end.

DuckDB keeps a temporary object outside every schema. One that a client names in full, as dbt
does, is made as an ordinary object here and dropped when its session ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from sqlglot import Expr, exp

from local.snowflake.errors import unsupported
from local.snowflake.plan import Name, qualified

if TYPE_CHECKING:
    from local.snowflake.session import Session

_THERE = (
    "SELECT 1 FROM duckdb_tables() WHERE database_name = $1 AND schema_name = $2 "
    "AND table_name = $3 UNION ALL SELECT 1 FROM duckdb_views() "
    "WHERE database_name = $1 AND schema_name = $2 AND view_name = $3"
)


def name_in_full(session: Session, expression: Expr) -> None:
    """Make a `CREATE TEMPORARY … schema.name` an ordinary one that the session drops.

    Raises:
        ProgrammingError: A permanent object has the name; Snowflake would hide it meanwhile.
    """
    properties = expression.args.get("properties") if isinstance(expression, exp.Create) else None
    temporary = properties.find(exp.TemporaryProperty) if properties else None
    table = expression.this.find(exp.Table) if temporary else None
    if temporary is None or table is None or not table.args.get("db"):
        return
    kind = str(expression.args["kind"]).upper()
    if kind not in ("TABLE", "VIEW"):
        return
    name = qualified(table, session.database, session.schema)
    if name not in session.temporaries and session.connection.execute(_THERE, name).fetchone():
        raise unsupported(f"a temporary {kind.lower()} with the name of {'.'.join(name)}")
    temporary.pop()
    session.temporaries[name] = kind


def drop(connection: duckdb.DuckDBPyConnection, temporaries: dict[Name, str]) -> None:
    """Drop what a session made, as far as it is still there."""
    for name, kind in temporaries.items():
        full = ".".join('"' + part.replace('"', '""') + '"' for part in name)
        try:
            connection.execute(f"DROP {kind} IF EXISTS {full}")
        except duckdb.CatalogException:
            # Its database is gone, or the name is another kind of object by now.
            continue
