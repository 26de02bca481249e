"""Statements about tables that DuckDB lacks: comments, `SWAP WITH`, qualified temporary tables."""

from __future__ import annotations

import re

import duckdb
from fakesnow import info_schema
from fakesnow.expr import normalise_ident
from sqlglot import Expr, exp

from local.snowflake.account import Session
from local.snowflake.errors import unsupported
from local.snowflake.sql import NAME, PART, SUCCESS, Name, escaped, identifier, quoted

_TEXT = r"\$\$.*?\$\$|'(?:[^']|'')*'"
_ALTER_COLUMNS = re.compile(
    rf"\s*ALTER\s+(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?(?P<table>{NAME})\s+"
    rf"(?:ALTER|MODIFY)\s+(?P<columns>(?:COLUMN\s+)?{PART}\s+COMMENT\s.*)$",
    re.IGNORECASE | re.DOTALL,
)
_COLUMN = re.compile(
    rf"\s*,?\s*(?:COLUMN\s+)?(?P<column>{PART})\s+COMMENT\s+(?P<text>{_TEXT})",
    re.IGNORECASE | re.DOTALL,
)
_FIND_TABLE_OR_VIEW = (
    "SELECT 1 FROM duckdb_tables() WHERE database_name = $1 AND schema_name = $2 "
    "AND table_name = $3 UNION ALL SELECT 1 FROM duckdb_views() "
    "WHERE database_name = $1 AND schema_name = $2 AND view_name = $3"
)


def comment_on_columns(session: Session, command: str) -> str | None:
    """`ALTER TABLE t ALTER "A" COMMENT $$…$$, …`, as dbt sends it; returns `None` for others."""
    match = _ALTER_COLUMNS.match(command.rstrip().rstrip(";"))
    if match is None:
        return None
    table = exp.to_table(match["table"], dialect="snowflake")
    name = session.full_name(table)
    for one in _COLUMN.finditer(match["columns"]):
        _comment_on_column(session, name, normalise_ident(one["column"]), _text(one["text"]))
    return SUCCESS


def comment(session: Session, expression: Expr) -> str | None:
    """`COMMENT ON … IS …`; returns `None` for any other statement.

    Raises:
        ProgrammingError: The kind of object cannot have a comment here.
    """
    if not isinstance(expression, exp.Comment):
        return None
    kind = str(expression.args.get("kind")).upper()
    text = str(expression.expression.name)
    if kind == "COLUMN":
        column = expression.this
        parts = {name: column.args.get(name) for name in ("db", "catalog")}
        table = session.full_name(exp.Table(this=column.args.get("table"), **parts))
        _comment_on_column(session, table, identifier(column.this), text)
    elif kind in ("TABLE", "VIEW"):
        name = session.full_name(expression.this)
        session.connection.execute(_comment_on(kind, quoted(*name), text))
        session.connection.execute(info_schema.insert_table_comment_sql(*name, text))
    elif kind not in ("DATABASE", "SCHEMA", "STAGE", "WAREHOUSE", "ROLE", "USER"):
        raise unsupported(f"COMMENT ON {kind}")
    return SUCCESS


def swap(session: Session, expression: Expr) -> str | None:
    """`ALTER TABLE a SWAP WITH b`, in one transaction; returns `None` for others.

    Raises:
        ProgrammingError: A table does not exist, or the two are not in one schema.
    """
    other = expression.find(exp.SwapTable) if isinstance(expression, exp.Alter) else None
    if other is None:
        return None
    first = session.full_name(expression.this)
    second = session.full_name(other.this)
    if first[:2] != second[:2]:
        raise unsupported("SWAP WITH a table of another schema")
    schema = quoted(*first[:2])
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


def make_permanent(session: Session, expression: Expr) -> None:
    """Turn a `CREATE TEMPORARY … schema.name` into a permanent object that the session drops.

    DuckDB has no temporary objects in a schema.

    Raises:
        ProgrammingError: A permanent object has the name; Snowflake would hide it.
    """
    properties = expression.args.get("properties") if isinstance(expression, exp.Create) else None
    temporary = properties.find(exp.TemporaryProperty) if properties else None
    table = expression.this.find(exp.Table) if temporary else None
    if temporary is None or table is None or not table.args.get("db"):
        return
    kind = str(expression.args["kind"]).upper()
    if kind not in ("TABLE", "VIEW"):
        return
    name = session.full_name(table)
    if (
        name not in session.temporaries
        and session.connection.execute(_FIND_TABLE_OR_VIEW, name).fetchone()
    ):
        raise unsupported(f"a temporary {kind.lower()} with the name of {'.'.join(name)}")
    temporary.pop()
    session.temporaries[name] = kind


def _comment_on_column(session: Session, table: Name, column: str, text: str) -> None:
    session.connection.execute(_comment_on("COLUMN", quoted(*table, column), text))


def _comment_on(kind: str, name: str, text: str) -> str:
    return f"COMMENT ON {kind} {name} IS '{escaped(text)}'"


def _text(literal: str) -> str:
    if literal.startswith("$$"):
        return literal[2:-2]
    return literal[1:-1].replace("''", "'")
