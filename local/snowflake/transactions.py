"""Transactions as Snowflake runs them, on a DuckDB connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import duckdb

from local.snowflake.classify import Effect, Kind
from local.snowflake.locks import Holder, TableLocks


class Transaction:
    """A session's transaction: open from BEGIN on, but begun in DuckDB with the first change.

    In Snowflake a statement reads what is committed when the statement starts; in DuckDB, what was
    committed when the transaction began. Beginning late, with the table's lock held, makes both
    agree for the usual transaction: read, then replace one table.

    Definitions (DDL) commit the open transaction and then run alone, one at a time in the account:
    in DuckDB, unlike in Snowflake, concurrent changes of the catalog fail.

    Attributes:
        autocommit: The session's AUTOCOMMIT.
        open: True if a transaction is open, as the client sees it.
        begun: True if DuckDB's transaction has begun.
    """

    def __init__(
        self,
        holder: Holder,
        connection: duckdb.DuckDBPyConnection,
        locks: TableLocks,
        catalog: RLock,
    ) -> None:
        self.autocommit = True
        self.open = False
        self.begun = False
        self._holder = holder
        self._connection = connection
        self._locks = locks
        self._catalog = catalog

    @contextmanager
    def statement(self, effect: Effect, lock_timeout: float) -> Iterator[None]:
        """Lock, begin, commit or roll back around one statement, as its effect requires."""
        if effect.kind is Kind.ROWS:
            with self._rows(effect, lock_timeout):
                yield
        elif effect.kind is Kind.DEFINITION:
            self.commit()
            with self._held(effect, lock_timeout), self._catalog:
                yield
        else:
            if effect.kind is Kind.BEGIN:
                self.open = True
            elif effect.kind is Kind.COMMIT:
                self.commit()
            elif effect.kind is Kind.ROLLBACK:
                self.rollback()
            yield

    def commit(self) -> None:
        """Commit the open transaction, if there is one."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """Roll back the open transaction, if there is one."""
        self._end("ROLLBACK")

    @contextmanager
    def _rows(self, effect: Effect, lock_timeout: float) -> Iterator[None]:
        if not self.autocommit:
            self.open = True
        if self.open:
            self._acquire(effect, lock_timeout)
            self._begin()
            yield
            return
        # One statement may be several DuckDB statements, which succeed or fail together.
        with self._held(effect, lock_timeout):
            self._begin()
            try:
                yield
            except BaseException:
                self._end("ROLLBACK")
                raise
            self._end("COMMIT")

    @contextmanager
    def _held(self, effect: Effect, lock_timeout: float) -> Iterator[None]:
        self._acquire(effect, lock_timeout)
        try:
            yield
        finally:
            self._locks.release(self._holder)

    def _acquire(self, effect: Effect, lock_timeout: float) -> None:
        self._locks.acquire(
            self._holder, effect.tables, exclusive=effect.exclusive, timeout=lock_timeout
        )

    def _begin(self) -> None:
        if not self.begun:
            self._connection.begin()
            self.begun = True

    def _end(self, how: str) -> None:
        begun, self.begun, self.open = self.begun, False, False
        try:
            if begun:
                self._finish(how)
        finally:
            self._locks.release(self._holder)

    def _finish(self, how: str) -> None:
        try:
            self._connection.execute(how)
        except duckdb.Error:
            if how == "COMMIT":
                self._connection.execute("ROLLBACK")
            raise
