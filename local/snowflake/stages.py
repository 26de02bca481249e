"""Stages: their names in a session, and fakesnow's table of them.

A temporary stage belongs to its session and `@~` to its user, so each gets a name of its own in
the table. Every stage's row and files outlive a restart, except a temporary stage's.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import duckdb
from fakesnow.transforms import stage
from sqlglot import exp

from local.snowflake.errors import compilation_error
from local.snowflake.sql import Name, quoted

# fakesnow's database and schema of the users' stages; no client can create either name.
USER_DATABASE, USER_SCHEMA = "_USERS", "_STAGES"
# The options of each stage's own file format, as JSON.
ADD_FILE_FORMATS = (
    "ALTER TABLE _fs_global._fs_information_schema._fs_stages"
    " ADD COLUMN IF NOT EXISTS file_format TEXT"
)


@dataclass
class SessionStages:
    """The stages that one session's names refer to."""

    session: int
    user: str
    temporary: set[Name] = field(default_factory=set)

    def create(self, create: exp.Create, database: str | None, schema: str | None) -> None:
        """Rewrite `CREATE TEMPORARY STAGE` to a name that only this session uses.

        Args:
            create: The parsed statement, changed in place.
            database: The session's current database, for a name without one.
            schema: The session's current schema, likewise.
        """
        table = create.find(exp.Table)
        if table is None or create.find(exp.TemporaryProperty) is None:
            return
        name = _full_name(table.sql(dialect="snowflake"), database, schema)
        self.temporary.add(name)
        for part, value in zip(("catalog", "db", "this"), self._own(name), strict=True):
            table.set(part, exp.to_identifier(value, quoted=True))

    def resolve(self, reference: str, database: str | None, schema: str | None) -> str:
        """The reference that fakesnow understands.

        Args:
            reference: A stage and a path, such as `@s/path` or `@~/path`.
            database: The session's current database, for a name without one.
            schema: The session's current schema, likewise.
        """
        if not reference.startswith("@"):
            return reference
        name, slash, path = reference[1:].partition("/")
        if name == "~":
            return f"@{quoted(USER_DATABASE, USER_SCHEMA, self.user)}{slash}{path}"
        if name.rpartition(".")[2].startswith("%"):
            return reference
        full = _full_name(name, database, schema)
        if full not in self.temporary:
            return reference
        return f"@{quoted(*self._own(full))}{slash}{path}"

    def names(self) -> list[Name]:
        """The names of the temporary stages in the table of stages."""
        return [self._own(name) for name in self.temporary]

    def _own(self, name: Name) -> Name:
        return (name[0], name[1], f"{name[2]}#{self.session}")


def split(reference: str, database: str | None, schema: str | None) -> tuple[Name, str]:
    """The stage's name and the path in `@db.schema.stage/a/b`.

    Args:
        reference: The stage and the path.
        database: The session's current database, for a name without one.
        schema: The session's current schema, likewise.
    """
    name, _, path = reference.removeprefix("@").partition("/")
    return _full_name(name, database, schema), path


def url(connection: duckdb.DuckDBPyConnection, name: Name) -> str:
    """A stage's URL; empty for an internal stage.

    Raises:
        ProgrammingError: The stage does not exist.
    """
    return str(_stored(connection, name)[0] or "")


def file_format(connection: duckdb.DuckDBPyConnection, name: Name) -> dict[str, Any]:
    """The options of a stage's own file format; empty if it has none.

    Raises:
        ProgrammingError: The stage does not exist.
    """
    options: dict[str, Any] = json.loads(_stored(connection, name)[1] or "{}")
    return options


def create_user_stage(connection: duckdb.DuckDBPyConnection, user: str) -> None:
    """Create a user's own stage, unless it exists: no statement creates it."""
    connection.execute(
        "INSERT INTO _fs_global._fs_information_schema._fs_stages "
        "(name, database_name, schema_name, url, type) VALUES (?, ?, ?, '', 'INTERNAL') "
        "ON CONFLICT DO NOTHING",
        [user, USER_DATABASE, USER_SCHEMA],
    )


def forget(connection: duckdb.DuckDBPyConnection, name: Name) -> None:
    """Delete a stage and, if it is internal, its files."""
    connection.execute(
        "DELETE FROM _fs_global._fs_information_schema._fs_stages "
        "WHERE database_name = ? AND schema_name = ? AND name = ?",
        name,
    )
    with suppress(FileNotFoundError):
        shutil.rmtree(stage.internal_dir(".".join(name)))


def forget_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    """Delete every temporary stage from the table: no session outlives the server."""
    connection.execute(
        "DELETE FROM _fs_global._fs_information_schema._fs_stages WHERE type LIKE '%TEMPORARY%'"
    )


def _stored(connection: duckdb.DuckDBPyConnection, name: Name) -> tuple[Any, ...]:
    """A stage's URL and the options of its file format."""
    row = connection.execute(
        "SELECT url, file_format FROM _fs_global._fs_information_schema._fs_stages "
        "WHERE database_name = ? AND schema_name = ? AND name = ?",
        name,
    ).fetchone()
    if row is None:
        raise stage.not_found_error(".".join(name))
    return row


def _full_name(name: str, database: str | None, schema: str | None) -> Name:
    try:
        full: Name = stage.parts_from_var(name, database, schema)
    except (AssertionError, ValueError) as error:
        raise compilation_error(f"Stage '{name}': {error}.") from error
    return full
