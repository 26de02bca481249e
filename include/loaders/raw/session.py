"""A warehouse session: opened for the first statement, with transactions and loader errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from include.loaders.errors import LoadError, PermanentError, TransientError
from include.loaders.raw.warehouse_errors import as_load_error, one_line
from include.sources import RawTable

if TYPE_CHECKING:
    # The import takes a second and 65 MB, which saving a layer to a file does not need.
    from snowflake.connector import SnowflakeConnection
    from snowflake.connector.cursor import SnowflakeCursor

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

    @property
    def is_open(self) -> bool:
        """True after the first statement has logged in."""
        return self._cursor is not None

    def run(self, sql: str, values: Sequence[Any] = (), **options: Any) -> list[Any]:
        """Run one statement; returns its rows.

        Args:
            sql: The statement.
            values: Bound to its `%s`.
            options: Passed to the cursor's `execute`.

        Raises:
            PermanentError: The warehouse refuses the login or the statement.
            TransientError: The warehouse is out of reach or busy.
        """
        from snowflake.connector.errors import Error

        cursor = self._cursor or self._open()
        try:
            rows: list[Any] = cursor.execute(sql, values or None, **options).fetchall()
        except Error as error:
            raise as_load_error(self.source, error, sql) from error
        except Exception as error:
            # The connector trips over an answer that it does not expect.
            reason = f"the warehouse failed ({type(error).__name__}: {error})"
            raise TransientError(self.source, reason, one_line(sql)) from error
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

    def reopen(self) -> None:
        """Close the session; the next statement logs in again."""
        self.close()
        self._opened, self._cursor, self._refusal = ExitStack(), None, None

    def close(self) -> None:
        """Close the session, if one was opened."""
        # What was committed stays, and what was not ends with the session, whoever closes it.
        with suppress(Exception):
            self._opened.close()

    def _open(self) -> SnowflakeCursor:
        # The load log must not wait a second time for a warehouse that is out of reach.
        if self._refusal is not None:
            raise self._refusal
        try:
            self._cursor = self._log_in()
        except Exception as error:
            self._refusal = error
            raise
        return self._cursor

    def _log_in(self) -> SnowflakeCursor:
        from snowflake.connector.errors import Error

        try:
            return self._opened.enter_context(self._connect()).cursor()
        except Error as error:
            raise as_load_error(self.source, error, "") from error
        except (ValueError, TypeError, FileNotFoundError, PermissionError) as error:
            # A private key that cannot be read.
            reason = (
                f"the login to the warehouse cannot be prepared ({type(error).__name__}: {error}); "
                "correct the connection or its private key"
            )
            raise PermanentError(self.source, reason) from error
        except OSError as error:
            reason = f"the warehouse is out of reach ({type(error).__name__}: {error})"
            raise TransientError(self.source, reason) from error
