"""Transactions as Snowflake runs them, on a DuckDB connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

import duckdb

from local.snowflake.classify import Kind, Plan
from local.snowflake.locks import Holder, TableLocks


class Transaction:
    """A session's transaction: open from BEGIN, but begun in DuckDB only with the first change.

    Snowflake reads what is committed when each statement starts; DuckDB reads what was committed
    when its transaction began. Beginning late, after the table's lock is held, makes the two
    agree for the usual transaction: read, then replace one table.

    Definitions (DDL) commit what is open and then run alone, one at a time in the whole account:
    DuckDB lets two concurrent changes of its catalog fail, Snowflake does not.

    Attributes:
        autocommit: The session's AUTOCOMMIT.
        open: Whether a transaction is open, as the client sees it.
        begun: Whether DuckDB's transaction has begun.
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
    def statement(self, plan: Plan, lock_timeout: float) -> Iterator[None]:
        """What has to be held, and what has to be ended, around one statement."""
        if plan.kind is Kind.ROWS:
            with self._rows(plan, lock_timeout):
                yield
        elif plan.kind is Kind.DEFINITION:
            self.commit()
            with self._held(plan, lock_timeout), self._catalog:
                yield
        else:
            if plan.kind is Kind.BEGIN:
                self.open = True
            elif plan.kind is Kind.COMMIT:
                self.commit()
            elif plan.kind is Kind.ROLLBACK:
                self.rollback()
            yield

    def commit(self) -> None:
        """Make the open transaction's changes everybody's; nothing if none is open."""
        self._end("COMMIT")

    def rollback(self) -> None:
        """Undo the open transaction's changes; nothing if none is open."""
        self._end("ROLLBACK")

    @contextmanager
    def _rows(self, plan: Plan, lock_timeout: float) -> Iterator[None]:
        if not self.autocommit:
            self.open = True
        if self.open:
            self._acquire(plan, lock_timeout)
            self._begin()
            yield
            return
        # One statement may be several of DuckDB's; together they succeed or fail.
        with self._held(plan, lock_timeout):
            self._begin()
            try:
                yield
            except BaseException:
                self._end("ROLLBACK")
                raise
            self._end("COMMIT")

    @contextmanager
    def _held(self, plan: Plan, lock_timeout: float) -> Iterator[None]:
        self._acquire(plan, lock_timeout)
        try:
            yield
        finally:
            self._locks.release(self._holder)

    def _acquire(self, plan: Plan, lock_timeout: float) -> None:
        self._locks.acquire(
            self._holder, plan.tables, exclusive=plan.exclusive, timeout=lock_timeout
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

    def _finish(self, how: str) -> Any:
        try:
            return self._connection.execute(how)
        except duckdb.Error:
            if how == "COMMIT":
                self._connection.execute("ROLLBACK")
            raise
