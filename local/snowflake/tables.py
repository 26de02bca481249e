"""Statements about tables that DuckDB words otherwise: comments, and swapping two tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import duckdb
from fakesnow import info_schema
from fakesnow.expr import normalise_ident
from sqlglot import Expr, exp

from local.snowflake.classify import Name, qualified, quoted
from local.snowflake.errors import unsupported
from local.snowflake.roles import SUCCESS

if TYPE_CHECKING:
    from local.snowflake.account import Session


_PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_TEXT = r"\$\$.*?\$\$|'(?:[^']|'')*'"
_ALTER_COLUMNS = re.compile(
    rf"\s*ALTER\s+(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?(?P<table>{_PART}(?:\.{_PART})*)\s+"
    rf"(?:ALTER|MODIFY)\s+(?P<columns>(?:COLUMN\s+)?{_PART}\s+COMMENT\s.*)$",
    re.IGNORECASE | re.DOTALL,
)
_COLUMN = re.compile(
    rf"\s*,?\s*(?:COLUMN\s+)?(?P<column>{_PART})\s+COMMENT\s+(?P<text>{_TEXT})",
    re.IGNORECASE | re.DOTALL,
)


def comment_on_columns(session: Session, command: str) -> str | None:
    """`ALTER TABLE t ALTER "A" COMMENT $$…$$, …`, as dbt sends it; null for anything else."""
    match = _ALTER_COLUMNS.match(command.rstrip().rstrip(";"))
    if match is None:
        return None
    table = exp.to_table(match["table"], dialect="snowflake")
    name = qualified(table, session.database, session.schema)
    for one in _COLUMN.finditer(match["columns"]):
        _column_comment(session, name, normalise_ident(one["column"]), _literal(one["text"]))
    return SUCCESS


def comment(session: Session, expression: Expr) -> str | None:
    """`COMMENT ON … IS …`; null for anything else."""
    if not isinstance(expression, exp.Comment):
        return None
    kind = str(expression.args.get("kind")).upper()
    text = str(expression.expression.name)
    if kind == "COLUMN":
        column = expression.this
        parts = [part for part in column.parts if isinstance(part, exp.Identifier)]
        table = exp.Table(
            **dict(
                zip(
                    ("this", "db", "catalog"),
                    reversed([p.copy() for p in parts[:-1]]),
                    strict=False,
                )
            )
        )
        name = qualified(table, session.database, session.schema)
        _column_comment(session, name, normalise_ident(parts[-1].sql(dialect="snowflake")), text)
    elif kind in ("TABLE", "VIEW"):
        name = qualified(expression.this, session.database, session.schema)
        session.connection.execute(_comment_on(kind, ".".join(map(quoted, name)), text))
        session.connection.execute(
            info_schema.insert_table_comment_sql(*name, text.replace("'", "''"))
        )
    elif kind not in ("DATABASE", "SCHEMA", "STAGE", "WAREHOUSE", "ROLE", "USER"):
        raise unsupported(f"COMMENT ON {kind}")
    return SUCCESS


def swap(session: Session, expression: Expr) -> str | None:
    """`ALTER TABLE a SWAP WITH b`, in one transaction; null for anything else.

    Raises:
        ProgrammingError: A table does not exist, or the two are not in one schema.
    """
    other = expression.find(exp.SwapTable) if isinstance(expression, exp.Alter) else None
    if other is None:
        return None
    first = qualified(expression.this, session.database, session.schema)
    second = qualified(other.this, session.database, session.schema)
    if first[:2] != second[:2]:
        raise unsupported("SWAP WITH a table of another schema")
    schema = f"{quoted(first[0])}.{quoted(first[1])}"
    between = f"_SWAP_{session.number}"
    connection = session.connection
    connection.begin()
    try:
        for old, new in ((first[2], between), (second[2], first[2]), (between, second[2])):
            connection.execute(f"ALTER TABLE {schema}.{quoted(old)} RENAME TO {quoted(new)}")
    except duckdb.Error:
        connection.rollback()
        raise
    connection.commit()
    return SUCCESS


def _column_comment(session: Session, table: Name, column: str, text: str) -> None:
    where = ".".join(map(quoted, (*table, column)))
    session.connection.execute(_comment_on("COLUMN", where, text))


def _comment_on(kind: str, where: str, text: str) -> str:
    escaped = text.replace("'", "''")
    return f"COMMENT ON {kind} {where} IS '{escaped}'"


def _literal(text: str) -> str:
    return text[2:-2] if text.startswith("$$") else text[1:-1].replace("''", "'")


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
