"""A warehouse session: opened for the first statement, with transactions and loader errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from include.loaders.errors import LoadError, PermanentError, TransientError
from include.sources import RawTable

if TYPE_CHECKING:
    # The import takes a second and 65 MB, which saving a layer to a file does not need.
    from snowflake.connector import SnowflakeConnection
    from snowflake.connector.cursor import SnowflakeCursor

# A statement that was cancelled, waited too long for a lock or lost to another transaction may
# succeed next time; any other refused statement is refused again.
# https://docs.snowflake.com/en/sql-reference/transactions
_TRANSIENT = {604, 625, 630}

# Logs in, and closes the session at the end.
Connect: TypeAlias = "Callable[[], AbstractContextManager[SnowflakeConnection]]"


class Session:
    """Runs SQL for one source's load; logs in for the first statement.

    Attributes:
        source: The source's name, for messages.
        database: The raw database.
    """

    def __init__(self, source: str, database: str, connect: Connect) -> None:
        self.source = source
        self.database = database
        self._connect = connect
        self._opened = ExitStack()
        self._cursor: SnowflakeCursor | None = None
        self._refusal: Exception | None = None

    def run(self, sql: str, values: Sequence[Any] = (), **options: Any) -> list[Any]:
        """Run one statement; returns its rows.

        Args:
            sql: The statement.
            values: Bound to its `%s`.
            options: Passed to the cursor's `execute`.

        Raises:
            PermanentError: The warehouse refuses the statement.
            TransientError: The warehouse is out of reach or busy.
        """
        from snowflake.connector.errors import Error, ProgrammingError

        try:
            cursor = self._cursor or self._open()
            rows: list[Any] = cursor.execute(sql, values or None, **options).fetchall()
        except Error as error:
            transient = not isinstance(error, ProgrammingError) or error.errno in _TRANSIENT
            kind: type[LoadError] = TransientError if transient else PermanentError
            message = str(error).strip().rstrip(".")
            reason = "the warehouse failed" if transient else "the warehouse refuses a statement"
            raise kind(self.source, reason, " ".join(sql.split())[:300], message) from error
        return rows

    def full_name(self, table: RawTable) -> str:
        """The table's qualified name without quotes, as people write it."""
        return f"{self.database}.{table.schema}.{table.name}"

    def value(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first value of the first row."""
        return self.run(sql, values)[0][0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: committed at the end of the block, rolled back on any exception."""
        self.run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            # A session that is gone has rolled back already; the first failure is the one to raise.
            with suppress(LoadError):
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def close(self) -> None:
        """Close the session, if one was opened."""
        self._opened.close()

    def _open(self) -> SnowflakeCursor:
        # The load log must not wait a second time for a warehouse that is out of reach.
        if self._refusal is not None:
            raise self._refusal
        try:
            self._cursor = self._opened.enter_context(self._connect()).cursor()
        except Exception as error:
            self._refusal = error
            raise
        return self._cursor
