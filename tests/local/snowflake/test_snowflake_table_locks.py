"""Table locks alone: which sessions wait, which do not, and which are rolled back."""

import pytest
from snowflake.connector.errors import ProgrammingError

from local.snowflake.locks import TableLocks

TABLE = ("DB", "SCHEMA", "T")
OTHER = ("DB", "SCHEMA", "U")


class Session:
    def __init__(self, *, idle: bool = False) -> None:
        self.number = 1
        self.last_active = -1e9 if idle else 1e9
        self.rolled_back = False

    def abandon(self) -> bool:
        self.rolled_back = True
        return True


def test_appends_share_a_table_and_changes_do_not() -> None:
    locks, one, two = TableLocks(), Session(), Session()
    for session in (one, two):
        locks.acquire(session, {TABLE}, exclusive=False, timeout=0)
    locks.acquire(one, {OTHER}, exclusive=True, timeout=0)
    with pytest.raises(ProgrammingError, match=r"DB\.SCHEMA\.U"):
        locks.acquire(two, {OTHER}, exclusive=False, timeout=0)
    locks.release(one)
    locks.acquire(two, {OTHER, TABLE}, exclusive=True, timeout=0)


def test_an_abandoned_transaction_that_blocks_another_is_rolled_back() -> None:
    locks, abandoned, waiting = TableLocks(), Session(idle=True), Session()
    locks.acquire(abandoned, {TABLE}, exclusive=True, timeout=0)
    locks.acquire(waiting, {TABLE}, exclusive=True, timeout=5)
    assert abandoned.rolled_back


def test_a_busy_transaction_is_not_rolled_back() -> None:
    locks, busy, waiting = TableLocks(), Session(), Session()
    locks.acquire(busy, {TABLE}, exclusive=True, timeout=0)
    with pytest.raises(ProgrammingError, match="LOCK_TIMEOUT"):
        locks.acquire(waiting, {TABLE}, exclusive=True, timeout=0)
    assert not busy.rolled_back
