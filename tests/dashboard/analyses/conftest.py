"""Runs an analysis on the rows that a test states, in the emulated warehouse of this process."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import altair as alt
import pandas as pd
import pytest
import snowflake.connector

from include import times
from include.dashboard.analyses import __main__ as command
from include.dashboard.analyses import output, queries
from include.dashboard.queries import read
from include.incidents.incident_log import INCIDENT_LOG
from include.loaders.raw.load_log import COLUMNS as LOAD_LOG
from include.publishing.history import PUBLISHED_METRICS
from tests.dashboard.in_memory import SCHEMAS

# Noon in California, a Friday.
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
TIMES = "dbt_valid_from timestamp_ntz, dbt_valid_to timestamp_ntz"
TABLES = {
    "usace_parcel_steps": "object_id number, fire_name varchar, is_eligible boolean,"
    " roe_approved_at timestamp_ntz, roe_withdrawn_at timestamp_ntz,"
    " fso_package_approved_at timestamp_ntz, last_updated timestamp_ntz",
    "pasadena_permits_history": f"permit_number varchar, permit_status varchar, {TIMES}",
    "malibu_applications_history": f"project_number varchar, application_stage varchar, {TIMES}",
    "published_metrics": ", ".join(
        f"{name} {kind}" for name, (kind, _) in PUBLISHED_METRICS.columns.items()
    ),
    "incident_log": ", ".join(f"{name} {kind}" for name, (kind, _) in INCIDENT_LOG.columns.items()),
    "load_log": ", ".join(f"{name} {kind}" for name, kind in LOAD_LOG.items()),
    "feedback_by_page_and_week": "page varchar, week_starting date, responses number(38, 0),"
    " helpful_responses number(38, 0), helpful_share number(5, 4)",
}
Insert = Callable[[str, Iterable[dict[str, object]]], None]


@dataclass(frozen=True)
class Result:
    """What an analysis has left behind.

    Attributes:
        table: Its CSV file.
        text: What it printed.
        chart: Its chart as Vega-Lite.
    """

    table: pd.DataFrame
    text: str
    chart: dict[str, Any]

    def row(self, column: str, value: str) -> dict[str, Any]:
        """The table's one row with a value."""
        [found] = self.table[self.table[column] == value].to_dict("records")
        return {str(name): cell for name, cell in found.items()}

    def drawn(self) -> list[dict[str, Any]]:
        """The rows of its data, of all layers."""
        return [row for rows in self.chart.get("datasets", {}).values() for row in rows]


Run = Callable[[str], Result]


@pytest.fixture
def warehouse_connection(session: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The tables that the analyses read, empty; analyses connect to them, and write to a folder."""
    cursor = session.cursor()
    for name, columns in TABLES.items():
        cursor.execute(f"create or replace table W.PUBLIC.{name} ({columns})")

    @contextmanager
    def connect() -> Iterator[Any]:
        yield session

    monkeypatch.setattr(read, "_schemas", lambda: dict.fromkeys(SCHEMAS, "W.PUBLIC"))
    monkeypatch.setattr(queries, "parcels_schema", lambda: "W.PUBLIC")
    monkeypatch.setattr(snowflake.connector, "connect", connect)
    monkeypatch.setattr(times, "datetime", Mock(now=NOW.astimezone))
    monkeypatch.setenv(output.FOLDER_VARIABLE, str(tmp_path))
    return session


@pytest.fixture
def insert(warehouse_connection: Any) -> Insert:
    """Insert rows; columns that a row lacks are null, or empty where they must not be null."""

    def insert_rows(table: str, rows: Iterable[dict[str, object]]) -> None:
        types = dict(part.split(" ", 1) for part in _COMMA.split(TABLES[table].lower()))
        values = [
            ", ".join(_literal(row.get(name, _default(kind))) for name, kind in types.items())
            for row in rows
        ]
        listed = ", ".join(f"({one})" for one in values)
        warehouse_connection.cursor().execute(f"insert into W.PUBLIC.{table} values {listed}")

    return insert_rows


# Between columns, and not within the brackets of a type.
_COMMA = re.compile(r", (?![^(]*\))")


def _default(kind: str) -> object:
    if "not null" not in kind:
        return None
    return "2026-01-01 00:00:00" if "timestamp" in kind else 0 if "number" in kind else ""


def _literal(value: object) -> str:
    if value is None:
        return "null"
    return str(value) if isinstance(value, bool | int | float) else f"'{value}'"


@pytest.fixture
def run(
    warehouse_connection: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run an analysis without drawing its picture, which shows no column that its data lacks."""
    charts: list[dict[str, Any]] = []
    monkeypatch.setattr(
        alt.TopLevelMixin, "save", lambda chart, *_, **__: charts.append(chart.to_dict())
    )

    def run_one(name: str) -> Result:
        capsys.readouterr()
        command.run(name)
        [chart] = charts[-1:]
        table = pd.read_csv(tmp_path / f"{name}.csv")
        result = Result(table, capsys.readouterr().out, chart)
        columns = {column for row in result.drawn() for column in row}
        shown = set(re.findall(r"'field': '([^']*)'", str(chart)))
        assert shown <= columns, shown - columns
        assert ": {}" not in str(chart), "a channel without a column shows nothing"
        return result

    return run_one
