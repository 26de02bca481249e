"""Statements of the product's own code that whole DAGs do not send in the tests.

The dashboard is not a DAG, and a whole DAG's tests lose no COMMIT and add no column to a layer.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from snowflake.connector.errors import OperationalError

from include.dashboard.queries import read
from include.loaders.parquet import ParquetSink
from include.loaders.raw import load_log
from include.loaders.raw.replace_table import replace_table
from include.loaders.raw.session import Session
from include.sources import SOURCES
from tests.loaders.recorded import REPORT, RecordedWarehouse
from tests.statements.catalogue import Sent

_RAW = "RAW_DDRC_DEV"


class _Values(dict[str, Any]):
    """The values of a query's placeholders: those that are not names are times."""

    def __missing__(self, _: str) -> datetime:
        return datetime(2026, 11, 20, 8, tzinfo=UTC)


def dashboard_statements() -> Iterator[Sent]:
    """Each query of the dashboard, with values for its placeholders."""
    for file in sorted(read.SQL.glob("*.sql")):
        values = _Values({**read._schemas(), "mart": "epa_metrics"})
        yield Sent(
            read._fill(file.read_text(), values), "DASHBOARD", "dashboard", file.stem, "none"
        )


def loader_statements() -> Iterator[Sent]:
    """A load that adds a column, and whose COMMIT is lost after Snowflake has carried it out."""
    warehouse = RecordedWarehouse()
    [layer] = SOURCES["epa"].layers
    warehouse.answer("COUNT(*)", [(1,)])
    warehouse.answer("INFORMATION_SCHEMA", [("_LOAD_ID", "TEXT")])
    warehouse.answer("COMMIT", OperationalError("the connection was lost", errno=250001))
    warehouse.answer("SELECT OUTCOME", [("loaded",)])
    session = Session("epa", _RAW, warehouse.connect)
    load_log.prepare(session)
    replace_table(
        session,
        layer.table,
        load_id="run 1",
        sink=_one_row(),
        check=lambda before: "",
        report=lambda accepted, notes: REPORT,
    )
    for sql in warehouse.statements:
        yield Sent(re.sub("%s", "'a'", sql), "LOADER", "load", "epa load", "none")


def _one_row() -> ParquetSink:
    sink = ParquetSink(io.BytesIO, part_bytes=1, group_rows=1)
    schema = pa.schema([("ACRES", pa.float64()), ("_LOAD_ID", pa.string())])
    sink.begin(schema)
    sink.write(pa.record_batch([[1.0], ["run 1"]], schema=schema))
    sink.finish()
    return sink
