"""SQL text: names in full and in quotation marks, strings, and a statement's status as its result.

A name without quotation marks is upper case, as Snowflake reads it.
"""

from __future__ import annotations

from sqlglot import Expr, exp

# Database, schema and name of a table, a view or a stage.
Name = tuple[str, str, str]
# Regular expressions: one part of a name in a statement, and a name of one or more parts.
PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
NAME = rf"{PART}(?:\.{PART})*"


def full_name(table: exp.Table, database: str | None, schema: str | None) -> Name:
    """The full name of a table; the current database and schema fill in what it leaves out.

    Args:
        table: The table as the statement names it.
        database: The session's current database.
        schema: The session's current schema.
    """
    return (
        identifier(table.args.get("catalog")) or database or "",
        identifier(table.args.get("db")) or schema or "",
        identifier(table.this),
    )


def identifier(part: object) -> str:
    """The text of one part of a name; empty for a missing part."""
    if not isinstance(part, exp.Identifier):
        return str(part.name) if isinstance(part, Expr) else ""
    return str(part.this) if part.quoted else str(part.this).upper()


def quoted(*parts: str) -> str:
    """A name in quotation marks, which DuckDB takes literally: `"a"."b"`."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def escaped(text: str) -> str:
    """Text as it is written between a string's apostrophes."""
    return text.replace("'", "''")


def status(text: str) -> str:
    """A query whose result is one row with a status, as Snowflake answers a definition."""
    return f"SELECT '{escaped(text)}' AS \"status\""


SUCCESS = status("Statement executed successfully.")
