"""Snowflake connections that report each statement and its query id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

# Called with a statement before it is sent; what it raises, the statement raises.
Before = Callable[[str], None]


def send(_statement: str) -> None:
    """Let every statement be sent."""


class RecordedCursor:
    """A cursor of the connector; everything but `execute` is the connector's own."""

    def __init__(self, cursor: Any, record: Callable[[str], None], before: Before) -> None:
        self._cursor = cursor
        self._record = record
        self._before = before

    def execute(self, sql: str, *arguments: Any, **options: Any) -> RecordedCursor:
        """Run a statement, and report its query id whether it fails or not."""
        from snowflake.connector.errors import Error

        self._before(sql)
        try:
            self._cursor.execute(sql, *arguments, **options)
        except Error as error:
            self._record(error.sfqid or "")
            raise
        self._record(self._cursor.sfqid or "")
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def __enter__(self) -> RecordedCursor:
        return self

    def __exit__(self, *_: object) -> None:
        self._cursor.close()


class RecordedConnection:
    """A connection of the connector, whose cursors are recorded."""

    def __init__(
        self, connection: Any, record: Callable[[str], None], before: Before = send
    ) -> None:
        self._connection = connection
        self._record = record
        self._before = before

    def cursor(self, *arguments: Any) -> RecordedCursor:
        """A recorded cursor."""
        return RecordedCursor(self._connection.cursor(*arguments), self._record, self._before)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __enter__(self) -> RecordedConnection:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()
