"""`CREATE DATABASE`, `DROP DATABASE` and `USE DATABASE`: each database is a DuckDB file."""

from __future__ import annotations

import re

from fakesnow.expr import normalise_ident
from snowflake.connector.errors import Error
from sqlglot import Expr, exp

from local.snowflake.account import Session
from local.snowflake.errors import compilation_error
from local.snowflake.sql import SUCCESS, status

_NAME = r"(?P<name>\"[^\"]+\"|\w+)"
_CREATE = re.compile(
    r"\s*CREATE\s+(?P<replace>OR\s+REPLACE\s+)?(?:TRANSIENT\s+)?DATABASE\s+(?!ROLE\b)"
    rf"(?P<exists>IF\s+NOT\s+EXISTS\s+)?{_NAME}",
    re.IGNORECASE,
)
_DROP = re.compile(
    rf"\s*DROP\s+DATABASE\s+(?!ROLE\b)(?P<exists>IF\s+EXISTS\s+)?{_NAME}", re.IGNORECASE
)


def create_or_drop(session: Session, command: str) -> str | None:
    """Create or drop a database; returns `None` for any other statement.

    Raises:
        ProgrammingError: The database exists already, or does not exist.
    """
    if match := _CREATE.match(command):
        return _create(session, match)
    if match := _DROP.match(command):
        return _drop(session, match)
    return None


def use(session: Session, expression: Expr) -> str | None:
    """`USE DATABASE x`, which also uses schema PUBLIC; returns `None` for any other statement.

    Raises:
        ProgrammingError: The database does not exist.
    """
    kind = expression.args.get("kind") if isinstance(expression, exp.Use) else None
    if not isinstance(kind, exp.Var) or kind.name.upper() != "DATABASE":
        return None
    name = normalise_ident(expression.this.sql(dialect="snowflake"))
    if name not in session.account.engine.databases():
        raise _missing(name)
    session.use(name, "PUBLIC")
    return SUCCESS


def _create(session: Session, match: re.Match[str]) -> str:
    name = normalise_ident(match["name"])
    engine = session.account.engine
    if name in engine.databases():
        if match["exists"]:
            return status(f"{name} already exists, statement succeeded.")
        if not match["replace"]:
            raise compilation_error(f"Object '{name}' already exists.", 2002, "42710")
        _remove(session, name)
    engine.create(name)
    session.use(name, "PUBLIC")
    return status(f"Database {name} successfully created.")


def _drop(session: Session, match: re.Match[str]) -> str:
    name = normalise_ident(match["name"])
    engine = session.account.engine
    if name not in engine.databases():
        if match["exists"]:
            return status("Drop statement executed successfully.")
        raise _missing(name)
    _remove(session, name)
    return status(f"{name} successfully dropped.")


def _remove(session: Session, name: str) -> None:
    session.leave(name)
    session.account.roll_back_all_but(session)
    session.account.engine.drop(name)


def _missing(name: str) -> Error:
    return compilation_error(f"Database '{name}' does not exist or not authorized.", 2003, "02000")
