"""Writing to a table of the HISTORY schema: its statements, in one transaction."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from include.history_tables import HistoryTable, timestamp

TABLE = HistoryTable(
    "INCIDENTS", "One row per event.", {"ID": ("VARCHAR", "Its id."), "N": ("NUMBER", "A count.")}
)
HISTORY = "ANALYTICS_DDRC_PRD.HISTORY"
FULL_NAME = f"{HISTORY}.INCIDENTS"


class Warehouse:
    """A connection and its only cursor, which remember what they are asked.

    Args:
        refused: The beginning of a statement that is refused.
    """

    def __init__(self, refused: str = "nothing") -> None:
        self.asked: list[Any] = []
        self._refused = refused

    def cursor(self) -> "Warehouse":
        self.asked.append("cursor")
        return self

    def execute(self, statement: str, values: Any = None) -> None:
        self.asked.append(statement if values is None else (statement, values))
        if statement.startswith(self._refused):
            raise ConnectionError(statement)

    def executemany(self, statement: str, rows: Any) -> None:
        self.asked.append((statement, list(rows)))

    def close(self) -> None:
        self.asked.append("close")


@pytest.fixture(autouse=True)
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is production."""
    monkeypatch.setenv("DDRC_ENV", "PRD")


def test_rows_replace_those_with_their_keys_in_one_transaction() -> None:
    warehouse = Warehouse()
    rows = [("a", 1), ("b", 2), ("a", 3)]

    TABLE.replace(lambda: warehouse, rows)

    assert TABLE.full_name == FULL_NAME
    assert warehouse.asked == [
        "cursor",
        f"CREATE SCHEMA IF NOT EXISTS {HISTORY}",
        f"CREATE TABLE IF NOT EXISTS {FULL_NAME} (ID VARCHAR COMMENT 'Its id.', N NUMBER COMMENT"
        " 'A count.') COMMENT = 'One row per event.'",
        "BEGIN",
        (f"DELETE FROM {FULL_NAME} WHERE ID = %s", ("a",)),
        (f"DELETE FROM {FULL_NAME} WHERE ID = %s", ("b",)),
        (f"INSERT INTO {FULL_NAME} VALUES (%s, %s)", rows),
        "COMMIT",
        "close",
        "close",
    ]


def test_after_a_refused_statement_nothing_is_committed_and_all_is_closed() -> None:
    warehouse = Warehouse(refused="DELETE")
    with pytest.raises(ConnectionError, match="DELETE FROM"):
        TABLE.replace(lambda: warehouse, [("a", 1)])
    assert "COMMIT" not in warehouse.asked
    assert warehouse.asked[-2:] == ["close", "close"]


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    moment = datetime(2026, 11, 24, 22, 27, 3, 120, tzinfo=timezone(-timedelta(hours=8)))
    assert timestamp(moment) == "2026-11-25 06:27:03.000120"
