"""The history of published metrics: one row per metric and published version."""

from collections.abc import Iterable

from include.history_tables import Connect, HistoryTable, timestamp
from include.publishing.contract import Metric
from include.publishing.promotion_log import Promotion

PUBLISHED_METRICS = HistoryTable(
    name="PUBLISHED_METRICS",
    comment="Every metric of every version that was public, once for each promotion.",
    key=("VERSION", "PUBLISHED_AT", "METRIC_NAME"),
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
    connect: Connect, promotion: Promotion, metrics: Iterable[Metric]
) -> None:
    """Write a promoted version's metrics to the warehouse; writing them again changes nothing.

    Args:
        connect: Opens a session as the role that owns the HISTORY schema.
        promotion: The promotion.
        metrics: The version's metrics.
    """
    rows = [
        (
            promotion.version.version,
            timestamp(promotion.at),
            metric.name,
            metric.value,
            metric.type,
            metric.unit_label,
            metric.frequency,
            timestamp(metric.updated_at),
        )
        for metric in metrics
    ]
    PUBLISHED_METRICS.merge(connect, rows)
