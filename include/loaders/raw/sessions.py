"""A warehouse session: statements, one transaction, and errors that say which kind they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from include.loaders.errors import LoadError, PermanentError, TransientError

if TYPE_CHECKING:
    # It takes a second and 65 MB, which saving a layer to a file does not need.
    from snowflake.connector import SnowflakeConnection

# A statement that was cancelled, waited too long for a lock or lost to another transaction may
# go through next time; any other refused statement is refused again.
# https://docs.snowflake.com/en/sql-reference/transactions
_PASSING = {604, 625, 630}


class Session:
    """Runs SQL for one source's load."""

    def __init__(self, source: str, connection: SnowflakeConnection) -> None:
        self._source = source
        self._cursor = connection.cursor()

    def run(self, sql: str, values: Sequence[Any] = (), **options: Any) -> list[Any]:  # noqa: ANN401
        """Run one statement with values bound to its `%s`; returns its rows.

        Raises:
            PermanentError: The warehouse refuses the statement.
            TransientError: The warehouse is out of reach or busy.
        """
        from snowflake.connector.errors import Error, ProgrammingError

        try:
            rows: list[Any] = self._cursor.execute(sql, values or None, **options).fetchall()
        except Error as error:
            passing = not isinstance(error, ProgrammingError) or error.errno in _PASSING
            kind: type[LoadError] = TransientError if passing else PermanentError
            said = str(error.msg or error).strip().rstrip(".")
            reason = "the warehouse failed" if passing else "the warehouse refuses a statement"
            raise kind(self._source, reason, " ".join(sql.split())[:300], said) from error
        return rows

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:  # noqa: ANN401
        """The first value of the first row."""
        return self.run(sql, values)[0][0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction: committed at the end, rolled back on any exception."""
        self.run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            # A session that is gone has rolled back already; the first failure is the one to tell.
            with suppress(LoadError):
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")
