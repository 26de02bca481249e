"""Table locks, held as in Snowflake: to the end of the transaction that changes rows."""

from __future__ import annotations

import os
from collections.abc import Iterable
from threading import Condition
from time import monotonic
from typing import Protocol

from snowflake.connector.errors import ProgrammingError

from local.snowflake.sql import Name

# A transaction that blocks another one and has been idle this long is rolled back.
# https://docs.snowflake.com/en/sql-reference/transactions#aborting-transactions
IDLE_SECONDS = float(os.environ.get("SNOWFLAKE_EMULATOR_IDLE_SECONDS", "300"))
RECHECK_SECONDS = 0.5


class Holder(Protocol):
    """A session, as the locks need it."""

    number: int
    last_active: float

    def abandon(self) -> bool:
        """Roll back an idle transaction; returns false if a statement is running."""


class TableLocks:
    """The holders of each table: one exclusive holder, or several that only append."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._held: dict[Name, dict[Holder, bool]] = {}
        self._waiting: dict[Holder, set[Holder]] = {}
        self._changed = Condition()

    def acquire(
        self, holder: Holder, tables: Iterable[Name], *, exclusive: bool, timeout: float
    ) -> None:
        """Lock all the tables, or wait for their other holders.

        Args:
            holder: The session that changes the tables.
            tables: The tables' full names.
            exclusive: False for an append, which may run beside other appends.
            timeout: The longest wait, in seconds.

        Raises:
            ProgrammingError: The wait was too long, or two transactions wait for each other.
        """
        wanted = set(tables)
        deadline = monotonic() + timeout
        while blockers := self._take(holder, wanted, exclusive, deadline):
            if monotonic() >= deadline:
                raise ProgrammingError(
                    msg=f"Statement waited for a lock on {_listed(wanted)} longer than "
                    f"LOCK_TIMEOUT ({timeout:g} seconds).",
                    errno=625,
                    sqlstate="57014",
                )
            for blocker in blockers:
                # Outside the condition, because a rollback releases locks itself.
                if monotonic() - blocker.last_active > self._idle_seconds and blocker.abandon():
                    self.release(blocker)

    def release(self, holder: Holder) -> None:
        """Release all locks of a holder."""
        with self._changed:
            for table in [table for table, holders in self._held.items() if holder in holders]:
                del self._held[table][holder]
                if not self._held[table]:
                    del self._held[table]
            self._changed.notify_all()

    def _take(
        self, holder: Holder, wanted: set[Name], exclusive: bool, deadline: float
    ) -> set[Holder]:
        """The holders that block, after a short wait; none if the locks are taken."""
        with self._changed:
            blockers = self._blockers(holder, wanted, exclusive=exclusive)
            if not blockers:
                for table in wanted:
                    held = self._held.setdefault(table, {})
                    held[holder] = held.get(holder, False) or exclusive
                return set()
            self._waiting[holder] = blockers
            try:
                if self._waits_for(holder, holder, set()):
                    message = f"Deadlock: transactions wait for each other on {_listed(wanted)}."
                    raise ProgrammingError(msg=message, errno=604, sqlstate="57014")
                self._changed.wait(min(RECHECK_SECONDS, max(deadline - monotonic(), 0)))
            finally:
                del self._waiting[holder]
            return blockers

    def _blockers(self, holder: Holder, wanted: set[Name], *, exclusive: bool) -> set[Holder]:
        return {
            other
            for table in wanted
            for other, is_exclusive in self._held.get(table, {}).items()
            if other is not holder and (exclusive or is_exclusive)
        }

    def _waits_for(self, start: Holder, target: Holder, seen: set[Holder]) -> bool:
        for blocker in self._waiting.get(start, set()) - seen:
            if blocker is target or self._waits_for(blocker, target, seen | {blocker}):
                return True
        return False


def _listed(tables: set[Name]) -> str:
    return ", ".join(sorted(".".join(table) for table in tables))
