"""The history of published metrics: one row per metric and published version."""

from collections.abc import Iterable
from datetime import datetime

from include.history_tables import Connect, HistoryTable, timestamp
from include.publishing.contract import Metric
from include.publishing.versions import Version

PUBLISHED_METRICS = HistoryTable(
    name="PUBLISHED_METRICS",
    comment="Every metric of every version that was public.",
    columns={
        "VERSION": ("VARCHAR NOT NULL", "The published version; versions sort by time."),
        "PUBLISHED_AT": ("TIMESTAMP_NTZ NOT NULL", "When it was promoted, in UTC."),
        "METRIC_NAME": ("VARCHAR NOT NULL", "The metric, as the public page knows it."),
        "METRIC_VALUE": ("NUMBER(38, 2) NOT NULL", "The value that was public."),
        "METRIC_TYPE": ("VARCHAR NOT NULL", "What the value is."),
        "METRIC_UNIT_LABEL": ("VARCHAR NOT NULL", "What is counted."),
        "UPDATE_FREQUENCY": ("VARCHAR NOT NULL", "How often the value is expected to change."),
        "LAST_UPDATED": ("TIMESTAMP_NTZ NOT NULL", "When the value was last updated, in UTC."),
    },
)


def write_published_metrics(
    connect: Connect, version: Version, published_at: datetime, metrics: Iterable[Metric]
) -> None:
    """Write a version's metrics to the warehouse; writing a version again replaces its rows.

    Args:
        connect: Opens a session as the role that owns the HISTORY schema.
        version: The published version.
        published_at: When it was promoted, in UTC.
        metrics: The version's metrics.
    """
    rows = [
        (
            version.version,
            timestamp(published_at),
            metric.name,
            metric.value,
            metric.type,
            metric.unit_label,
            metric.frequency,
            timestamp(metric.updated_at),
        )
        for metric in metrics
    ]
    PUBLISHED_METRICS.replace(connect, rows)
