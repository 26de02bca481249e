"""Names of stages: a temporary stage is its session's own, `@~` is its user's."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, field

import duckdb
from fakesnow.transforms import stage
from sqlglot import exp

from local.snowflake.errors import compilation_error

TABLE = "_fs_global._fs_information_schema._fs_stages"
# Where fakesnow is told that users' stages are; a name that no client can give.
USER_DATABASE, USER_SCHEMA = "_USERS", "_STAGES"
Name = tuple[str, str, str]


@dataclass
class SessionStages:
    """What one session's stage names stand for."""

    session: int
    user: str
    temporary: set[Name] = field(default_factory=set)

    def create(self, create: exp.Create, database: str | None, schema: str | None) -> None:
        """Give a temporary stage that is about to be created a name of this session's."""
        table = create.find(exp.Table)
        if table is None or create.find(exp.TemporaryProperty) is None:
            return
        name = _qualified(table.sql(dialect="snowflake"), database, schema)
        self.temporary.add(name)
        for part, value in zip(("catalog", "db", "this"), self._own(name), strict=True):
            table.set(part, exp.to_identifier(value, quoted=True))

    def resolve(self, reference: str, database: str | None, schema: str | None) -> str:
        """A reference such as `@s/path` or `@~/path` with the name that fakesnow knows."""
        if not reference.startswith("@"):
            return reference
        name, slash, path = reference[1:].partition("/")
        if name == "~":
            return f'@"{USER_DATABASE}"."{USER_SCHEMA}"."{self.user}"{slash}{path}'
        if name.rpartition(".")[2].startswith("%"):
            return reference
        qualified = _qualified(name, database, schema)
        if qualified not in self.temporary:
            return reference
        return "@" + ".".join(f'"{part}"' for part in self._own(qualified)) + slash + path

    def names(self) -> list[Name]:
        """The temporary stages' names in the table of stages."""
        return [self._own(name) for name in self.temporary]

    def _own(self, name: Name) -> Name:
        return (name[0], name[1], f"{name[2]}#{self.session}")


def url(connection: duckdb.DuckDBPyConnection, name: Name) -> str:
    """A stage's URL; empty for an internal stage.

    Raises:
        ProgrammingError: The stage does not exist.
    """
    row = connection.execute(
        f"SELECT url FROM {TABLE} WHERE database_name = ? AND schema_name = ? AND name = ?",  # noqa: S608
        name,
    ).fetchone()
    if row is None:
        raise stage.not_found_error(".".join(name))
    return str(row[0] or "")


def split(reference: str, database: str | None, schema: str | None) -> tuple[Name, str]:
    """`@db.schema.stage/a/b` as the stage's name and the path in it."""
    name, _, path = reference.removeprefix("@").partition("/")
    return _qualified(name, database, schema), path


def forget(connection: duckdb.DuckDBPyConnection, name: Name) -> None:
    """Delete a stage and, if it is internal, its files."""
    connection.execute(
        f"DELETE FROM {TABLE} WHERE database_name = ? AND schema_name = ? AND name = ?",  # noqa: S608
        name,
    )
    with suppress(FileNotFoundError):
        shutil.rmtree(stage.internal_dir(".".join(name)))


def _qualified(name: str, database: str | None, schema: str | None) -> Name:
    try:
        found: Name = stage.parts_from_var(name, database, schema)
    except (AssertionError, ValueError) as error:
        raise compilation_error(f"Stage '{name}': {error}.") from error
    return found
