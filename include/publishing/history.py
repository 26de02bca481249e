"""The metrics over time: one row per metric and published version, from what was really public."""

from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from include import warehouse
from include.publishing.contract import Metric
from include.publishing.versions import Version

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

_COLUMNS = """
    VERSION VARCHAR NOT NULL COMMENT 'The published version; versions sort by time.',
    PUBLISHED_AT TIMESTAMP_NTZ NOT NULL COMMENT 'When it was promoted, in UTC.',
    METRIC_NAME VARCHAR NOT NULL COMMENT 'The metric, as the public page knows it.',
    METRIC_VALUE NUMBER(38, 2) NOT NULL COMMENT 'The value that was public.',
    METRIC_TYPE VARCHAR NOT NULL COMMENT 'What the value is.',
    METRIC_UNIT_LABEL VARCHAR NOT NULL COMMENT 'What is counted.',
    UPDATE_FREQUENCY VARCHAR NOT NULL COMMENT 'How often the value is expected to change.',
    LAST_UPDATED TIMESTAMP_NTZ NOT NULL COMMENT 'When the value was last updated, in UTC.'
"""


def published_metrics() -> str:
    """The table's qualified name."""
    return f"{warehouse.history_schema()}.PUBLISHED_METRICS"


def record(
    connect: Callable[[], "SnowflakeConnection"],
    version: Version,
    published_at: datetime,
    metrics: Iterable[Metric],
) -> None:
    """Keep what a version showed; recording a version again replaces its rows.

    Args:
        published_at: When it was promoted, in UTC.
    """
    table = published_metrics()
    rows = [
        (
            version.version,
            _utc(published_at),
            metric.name,
            metric.value,
            metric.type,
            metric.unit_label,
            metric.frequency,
            _utc(metric.updated_at),
        )
        for metric in metrics
    ]
    marks = ", ".join(["%s"] * len(rows[0]))
    with closing(connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {warehouse.history_schema()}")
        cursor.execute(
            f"CREATE TABLE IF NOT EXISTS {table} ({_COLUMNS})"
            " COMMENT = 'Every metric of every version that was public.'"
        )
        cursor.execute("BEGIN")
        cursor.execute(f"DELETE FROM {table} WHERE VERSION = %s", (version.version,))  # noqa: S608
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        cursor.execute("COMMIT")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
