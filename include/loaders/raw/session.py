"""A warehouse session: opened when it is needed, one transaction, and errors of two kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from include.loaders.errors import LoadError, PermanentError, TransientError

if TYPE_CHECKING:
    # It takes a second and 65 MB, which saving a layer to a file does not need.
    from snowflake.connector import SnowflakeConnection
    from snowflake.connector.cursor import SnowflakeCursor

# A statement that was cancelled, waited too long for a lock or lost to another transaction may
# go through next time; any other refused statement is refused again.
# https://docs.snowflake.com/en/sql-reference/transactions
_PASSING = {604, 625, 630}


# Logs in, and lets go of the session at the end.
Connect: TypeAlias = "Callable[[], AbstractContextManager[SnowflakeConnection]]"


class Session:
    """Runs SQL for one source's load; logs in for the first statement, and never without one."""

    def __init__(self, source: str, connect: Connect) -> None:
        self._source = source
        self._connect = connect
        self._opened = ExitStack()
        self._cursor: SnowflakeCursor | None = None
        self._refusal: Exception | None = None

    def run(self, sql: str, values: Sequence[Any] = (), **options: Any) -> list[Any]:
        """Run one statement with values bound to its `%s`; returns its rows.

        Raises:
            PermanentError: The warehouse refuses the statement.
            TransientError: The warehouse is out of reach or busy.
        """
        from snowflake.connector.errors import Error, ProgrammingError

        try:
            cursor = self._cursor or self._open()
            rows: list[Any] = cursor.execute(sql, values or None, **options).fetchall()
        except Error as error:
            passing = not isinstance(error, ProgrammingError) or error.errno in _PASSING
            kind: type[LoadError] = TransientError if passing else PermanentError
            said = str(error.msg or error).strip().rstrip(".")
            reason = "the warehouse failed" if passing else "the warehouse refuses a statement"
            raise kind(self._source, reason, " ".join(sql.split())[:300], said) from error
        return rows

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
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

    def close(self) -> None:
        """Let go of the session, if one was opened."""
        self._opened.close()

    def _open(self) -> SnowflakeCursor:
        # The load log is not to wait a second time for a warehouse that is out of reach.
        if self._refusal is not None:
            raise self._refusal
        try:
            self._cursor = self._opened.enter_context(self._connect()).cursor()
        except Exception as error:
            self._refusal = error
            raise
        return self._cursor
