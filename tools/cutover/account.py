"""The Snowflake account: what SHOW lists, and the one place that sends statements."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from include.loaders.raw.identifiers import quoted

Row = dict[str, Any]
# Runs one statement; returns its rows by column.
Run = Callable[[str], list[Row]]
_NAME = r'(?:"(?:[^"]|"")+")(?:\."(?:[^"]|"")+")*'
# The statements that this tool may send. None of them deletes or replaces rows, tables or schemas.
ALLOWED = re.compile(
    r"SHOW [^;]+"
    rf"|ALTER (?:SCHEMA|STAGE|ROLE|USER|WAREHOUSE) {_NAME} RENAME TO {_NAME}"
    rf"|GRANT OWNERSHIP ON (?:SCHEMA|TABLE) {_NAME} TO ROLE {_NAME} COPY CURRENT GRANTS"
    rf"|REVOKE [A-Z ]+ ON FUTURE [A-Z ]+ IN (?:DATABASE|SCHEMA) {_NAME} FROM ROLE {_NAME}"
)
# Snowflake's own schema in every database.
INFORMATION_SCHEMA = "INFORMATION_SCHEMA"
# SHOW lists this many rows at most: https://docs.snowflake.com/en/sql-reference/sql/show-tables
MOST_ROWS = 10_000


class CutoverError(Exception):
    """A step cannot be done; the message says which, why and what to do."""


class Account:
    """Reads what exists and sends the few statements that change something.

    Attributes:
        count: How many statements were sent.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.count = 0

    def send(self, statement: str) -> list[Row]:
        """Run one statement.

        Raises:
            CutoverError: Snowflake refuses it, or it is none of those that this tool may send.
        """
        if not ALLOWED.fullmatch(statement):
            raise CutoverError(f"The cutover tool does not send this statement: {statement[:200]}")
        self.count += 1
        rows = self._run(statement)
        if len(rows) >= MOST_ROWS:
            raise CutoverError(
                f"Snowflake lists only the first {MOST_ROWS:,} rows of `{statement}`, so something"
                " may be missing; do this step by hand, as docs/cutover.md shows."
            )
        return rows

    def named(self, kind: str, pattern: str) -> list[Row]:
        """Objects of the account whose names have a text, for example `DDRC_PRD`.

        Args:
            kind: The plural, for example `ROLES`.
            pattern: The text; LIKE reads `_` as any character, so the answer is filtered too.
        """
        # SHOW NETWORK POLICIES takes no LIKE.
        like = "" if kind == "NETWORK POLICIES" else f" LIKE '%{pattern}%'"
        return [one for one in self.send(f"SHOW {kind}{like}") if pattern in one["name"]]

    def within(self, kind: str, *place: str) -> list[Row]:
        """The objects of a kind in a database or in one of its schemas, without Snowflake's own."""
        where = "DATABASE" if len(place) == 1 else "SCHEMA"
        rows = self.send(f"SHOW {kind} IN {where} {quoted(*place)}")
        schema = "name" if kind == "SCHEMAS" else "schema_name"
        return [one for one in rows if one.get(schema) != INFORMATION_SCHEMA]

    def relations(self, *place: str) -> list[Row]:
        """The tables and the views of a database or a schema; a view has no `rows`."""
        return [*self.within("TABLES", *place), *self.within("VIEWS", *place)]

    def tables_with(self, column: str, database: str) -> set[tuple[str, str]]:
        """The schemas and names of a database's tables that have a column."""
        rows = self.send(f"SHOW COLUMNS LIKE '{column}' IN DATABASE {quoted(database)}")
        return {
            (one["schema_name"], one["table_name"]) for one in rows if one["column_name"] == column
        }

    def future_grants(self, *place: str) -> list[Row]:
        """The grants on objects that a database or one of its schemas will get."""
        where = "DATABASE" if len(place) == 1 else "SCHEMA"
        return self.send(f"SHOW FUTURE GRANTS IN {where} {quoted(*place)}")
