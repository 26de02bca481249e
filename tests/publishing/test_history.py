"""The history of published metrics: its columns, and one row for each metric of a version."""

from datetime import UTC, datetime
from typing import Any

import pytest

from include.history_tables import HistoryTable
from include.publishing.contract import parse
from include.publishing.history import PUBLISHED_METRICS, write_published_metrics
from include.publishing.promotion_log import Promotion
from include.publishing.versions import Version
from tests.publishing.samples import NOW, file, metric


def test_a_published_metric_has_these_columns() -> None:
    assert PUBLISHED_METRICS.name == "PUBLISHED_METRICS"
    assert PUBLISHED_METRICS.comment == (
        "Every metric of every version that was public, once for each promotion."
    )
    assert PUBLISHED_METRICS.key == ("VERSION", "PUBLISHED_AT", "METRIC_NAME")
    assert PUBLISHED_METRICS.columns == {
        "VERSION": ("VARCHAR NOT NULL", "The published version; versions sort by time."),
        "PUBLISHED_AT": ("TIMESTAMP_NTZ NOT NULL", "When it was promoted, in UTC."),
        "METRIC_NAME": ("VARCHAR NOT NULL", "The metric, as the public page knows it."),
        "METRIC_VALUE": ("NUMBER(38, 2) NOT NULL", "The value that was public."),
        "METRIC_TYPE": ("VARCHAR NOT NULL", "What the value is."),
        "METRIC_UNIT_LABEL": ("VARCHAR NOT NULL", "What is counted."),
        "UPDATE_FREQUENCY": ("VARCHAR NOT NULL", "How often the value is expected to change."),
        "LAST_UPDATED": ("TIMESTAMP_NTZ NOT NULL", "When the value was last updated, in UTC."),
    }


def test_each_metric_is_a_row_in_the_order_of_the_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    monkeypatch.setattr(HistoryTable, "merge", lambda *given: written.append(given))
    metrics = parse(file(metric("a", 7), metric("b", 2.5, METRIC_TYPE="dollars - millions")), NOW)

    write_published_metrics(
        pytest.fail,
        Promotion(datetime(2026, 11, 24, 15, tzinfo=UTC), Version("v1", "f", "run", "valid")),
        metrics,
    )

    at, updated = "2026-11-24 15:00:00.000000", "2026-11-24 12:00:00.000000"
    [(table, connect, rows)] = written
    assert (table, connect) == (PUBLISHED_METRICS, pytest.fail)
    assert rows == [
        ("v1", at, "a", 7, "count", "schools resumed", "daily", updated),
        ("v1", at, "b", 2.5, "dollars - millions", "schools resumed", "daily", updated),
    ]
    assert all(len(row) == len(PUBLISHED_METRICS.columns) for row in rows)
