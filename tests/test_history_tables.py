"""Writing to a table of the HISTORY schema: one statement, and its effect on the warehouse."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, cast

import pytest

from include.history_tables import Connect, HistoryTable, timestamp
from include.publishing.contract import parse
from include.publishing.history import PUBLISHED_METRICS, write_published_metrics
from include.publishing.promotion_log import Promotion
from include.publishing.versions import Version
from local import provision
from local.cloud import Cloud
from tests.publishing.samples import NOW, file, metric

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

TABLE = HistoryTable(
    "INCIDENTS",
    "One row per event.",
    ("ID", "N"),
    {
        "ID": ("VARCHAR NOT NULL", "Its id."),
        "N": ("NUMBER", "A count."),
        "AT": ("TIMESTAMP_NTZ NOT NULL", "Its time."),
    },
)
HISTORY = "ANALYTICS_DDRC_PRD.HISTORY"
FULL_NAME = f"{HISTORY}.INCIDENTS"
CREATED = [
    "cursor",
    f"CREATE SCHEMA IF NOT EXISTS {HISTORY}",
    f"CREATE TABLE IF NOT EXISTS {FULL_NAME} (ID VARCHAR NOT NULL COMMENT 'Its id.', N NUMBER"
    " COMMENT 'A count.', AT TIMESTAMP_NTZ NOT NULL COMMENT 'Its time.') COMMENT = 'One row per"
    " event.'",
]
CLOSED = ["close", "close"]


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

    def close(self) -> None:
        self.asked.append("close")


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is production."""
    monkeypatch.setenv("DDRC_ENV", "PRD")


def connecting(warehouse: Warehouse) -> Connect:
    return lambda: cast("SnowflakeConnection", warehouse)


@pytest.mark.usefixtures("production")
def test_all_rows_are_one_statement_that_replaces_those_with_their_keys() -> None:
    warehouse = Warehouse()

    TABLE.merge(connecting(warehouse), [("a", 1, "2026"), ("b", 2, "2027")])

    assert TABLE.full_name == FULL_NAME
    merged = (
        f"MERGE INTO {FULL_NAME} AS old USING"
        " (SELECT column1::VARCHAR AS ID, column2::NUMBER AS N, column3::TIMESTAMP_NTZ AS AT"
        " FROM VALUES (%s, %s, %s), (%s, %s, %s)) AS new"
        " ON old.ID = new.ID AND old.N = new.N"
        " WHEN MATCHED THEN UPDATE SET AT = new.AT"
        " WHEN NOT MATCHED THEN INSERT (ID, N, AT) VALUES (new.ID, new.N, new.AT)"
    )
    assert warehouse.asked == [*CREATED, (merged, ["a", 1, "2026", "b", 2, "2027"]), *CLOSED]


@pytest.mark.usefixtures("production")
def test_without_rows_only_the_table_is_made() -> None:
    warehouse = Warehouse()
    TABLE.merge(connecting(warehouse), [])
    assert warehouse.asked == [*CREATED, *CLOSED]


@pytest.mark.parametrize("refused", ["CREATE SCHEMA", "CREATE TABLE", "MERGE"])
def test_after_a_refused_statement_all_is_closed(refused: str) -> None:
    warehouse = Warehouse(refused)
    with pytest.raises(ConnectionError, match=refused):
        TABLE.merge(connecting(warehouse), [("a", 1, "2026")])
    assert warehouse.asked[-2:] == CLOSED


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    moment = datetime(2026, 11, 24, 22, 27, 3, 120, tzinfo=timezone(-timedelta(hours=8)))
    assert timestamp(moment) == "2026-11-25 06:27:03.000120"


@pytest.fixture
def connect(cloud: Cloud) -> Iterator[Callable[[], Any]]:
    """Opens a session; the table of published metrics does not exist yet."""
    with provision.connect(cloud) as session, session.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {PUBLISHED_METRICS.full_name}")
        yield lambda: provision.connect(cloud)
        cursor.execute(f"DROP TABLE IF EXISTS {PUBLISHED_METRICS.full_name}")


def test_every_promotion_has_its_rows_once_however_often_they_are_written(
    connect: Callable[[], Any],
) -> None:
    first = Version("20261124T140000Z-abc", "f" * 64, "run 1", "valid")
    later = NOW + timedelta(minutes=1, microseconds=120)
    money = metric("b", 2.5, METRIC_TYPE="dollars - millions", METRIC_UNIT_LABEL="it's 50 %")
    metrics = parse(file(metric("a", 7), money), NOW)

    write_published_metrics(connect, Promotion(NOW, first), metrics)
    write_published_metrics(connect, Promotion(NOW, first), metrics)
    write_published_metrics(connect, Promotion(later, first), metrics[:1])
    corrected = parse(file(metric("a", 8)), NOW)
    write_published_metrics(connect, Promotion(later, first), corrected)

    with connect() as session, session.cursor() as cursor:
        rows = cursor.execute(
            f"SELECT * FROM {PUBLISHED_METRICS.full_name} ORDER BY PUBLISHED_AT, METRIC_NAME"
        ).fetchall()
    at, again = (moment.replace(tzinfo=None) for moment in (NOW, later))
    rest = ("daily", datetime(2026, 11, 24, 12, tzinfo=UTC).replace(tzinfo=None))
    assert [(*row[:3], float(row[3]), *row[4:]) for row in rows] == [
        (first.version, at, "a", 7.0, "count", "schools resumed", *rest),
        (first.version, at, "b", 2.5, "dollars - millions", "it's 50 %", *rest),
        (first.version, again, "a", 8.0, "count", "schools resumed", *rest),
    ]
