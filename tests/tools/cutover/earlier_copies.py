"""The earlier project's tables with their daily copies, and snapshots as dbt makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from include import warehouse
from include.sources import SOURCES, RawTable
from tests.transform.raw_tables import Row, statements
from tools.cutover.history_statement import DAY, MARK, Snapshot, snapshots
from tools.cutover.names import LEGACY

TABLES = {name: SOURCES[name].parts[0].table for name in ("epa", "usace", "pasadena", "malibu")}
# The columns of the earlier tables, from the public catalogue of the production account.
COLUMNS: Mapping[str, str] = {
    "epa": """
        "APN" TEXT, "Address" TEXT, "AssessmentDate" FLOAT, "FireName" TEXT, "PublicStatus" TEXT,
        "GlobalID" TEXT, "OBJECTID" NUMBER, "LandUse" TEXT, "Shape__Area" FLOAT,
        "Shape__Length" FLOAT, "geometry" GEOGRAPHY, "_LOAD_DATE" DATE, "_LAST_EDIT_DATE" NUMBER
    """,
    "usace": """
        "ma" TEXT, "apn" TEXT, "apn_coincident_list" TEXT, "address" TEXT, "epa_status" TEXT,
        "roe_status" TEXT, "hsa_status" TEXT, "pcr_status" TEXT, "fso_pkg_returned" FLOAT,
        "OBJECTID" NUMBER, "GDB_TO_DATE" NUMBER, "GDB_FROM_DATE" NUMBER, "geometry" GEOGRAPHY,
        "_LOAD_DATE" DATE, "_LOADED_AT" TIMESTAMP_LTZ, "roe_received" FLOAT, "roe_approved" FLOAT,
        "roe_submitted" FLOAT, "roe_withdrawn" FLOAT, "hsa_report_received" FLOAT,
        "hsa_report_approved" FLOAT, "pcr_received" FLOAT, "pcr_approved" FLOAT,
        "pcr_delivery" FLOAT, "fso_pkg_approved" FLOAT, "event_sub_name" TEXT,
        "hhm_removal_status" TEXT, "fso_pkg_status" TEXT, "Shape" TEXT,
        "roe_returned_complete" FLOAT, "roe_returned_ineligible" FLOAT,
        "roe_returned_withdrawn" FLOAT, "roe_details" TEXT, "fso_pkg_received" FLOAT
    """,
    "pasadena": """
        "ID" NUMBER, "PMPERMITID" TEXT, "PERMIT_NUMBER" TEXT, "PARCEL_NUMBER" TEXT, "ADDRESS" TEXT,
        "CITY" TEXT, "STATE" TEXT, "ZIPCODE" TEXT, "PERMIT_STATUS" TEXT, "WORK_CLASS" TEXT,
        "PERMIT_TYPE" TEXT, "DESCRIPTION" TEXT, "COUNCIL_DISTRICT" TEXT, "Shape__Area" FLOAT,
        "Shape__Length" FLOAT, "geometry" GEOGRAPHY, "_LOAD_DATE" DATE, "_LAST_EDIT_DATE" NUMBER
    """,
    "malibu": """
        "type" TEXT, "lat" TEXT, "lng" TEXT, "caseType" TEXT, "caseCategory" TEXT,
        "projectNumber" TEXT, "structures" NUMBER, "planningApproved" TEXT,
        "daysToDecision" NUMBER, "daysToFirstResponse" NUMBER, "countForDecision" NUMBER,
        "countForFirstResponse" NUMBER, "_LOAD_DATE" DATE, "_LOADED_AT" TIMESTAMP_LTZ
    """,
}
# The load in which this project began: noon of 15 January in California.
BEGAN = "2026-01-15 20:00:00"


def earlier_name(table: RawTable) -> str:
    """The earlier table's full name after the rename."""
    return f'{warehouse.database("RAW")}."{table.schema}{LEGACY}"."{table.name}"'


@dataclass
class Sources:
    """The tables of an account.

    Attributes:
        run: Runs a statement and returns its rows.
    """

    run: Callable[[str], list[tuple[Any, ...]]]

    def copy(self, source: str, day: str, *rows: Mapping[str, Any]) -> None:
        """Add rows to a day's copy, as the earlier loader wrote them."""
        for row in rows:
            names = ", ".join(f'"{name}"' for name in [*row, DAY])
            values = ", ".join([*map(_literal, row.values()), f"'{day}'::DATE"])
            self.run(f"INSERT INTO {earlier_name(TABLES[source])} ({names}) SELECT {values}")

    def load(self, source: str, *rows: Row, at: str = BEGAN) -> None:
        """Replace the raw table by a load of this project."""
        loaded = [{**row, "_LOADED_AT": at, "_LOAD_ID": f"scheduled__{at}"} for row in rows]
        for sql in statements(TABLES[source], loaded):
            self.run(sql)

    def earlier(self, source: str) -> str:
        """The full name of a source's earlier table."""
        return earlier_name(TABLES[source])

    def rows(self, source: str) -> list[tuple[Any, ...]]:
        """The earlier table's rows."""
        return sorted(self.run(f"SELECT * FROM {self.earlier(source)}"), key=repr)

    def states(self, source: str, *columns: str) -> list[tuple[Any, ...]]:
        """The imported states: the columns, the first day and the day after the last."""
        name = f"{warehouse.history_schema()}.{snapshot_of(source).name}"
        ends = (
            f"TO_CHAR(CONVERT_TIMEZONE('UTC', 'America/Los_Angeles', {one}), 'MM-DD HH24:MI')"
            for one in ("dbt_valid_from", "dbt_valid_to")
        )
        found = self.run(
            f"SELECT {', '.join([*columns, *ends])} FROM {name} WHERE STARTSWITH(load_id, '{MARK}')"
        )
        return sorted(found, key=repr)


def snapshot_of(source: str) -> Snapshot:
    """A source's snapshot."""
    return next(one for one in snapshots() if one.source == source)


def make_earlier(sources: Sources, source: str) -> None:
    """Make an empty table of the earlier project."""
    table = TABLES[source]
    sources.run(f'CREATE SCHEMA IF NOT EXISTS {warehouse.database("RAW")}."{table.schema}{LEGACY}"')
    sources.run(f"CREATE OR REPLACE TABLE {earlier_name(table)} ({COLUMNS[source]})")


def snapshot_first_load(sources: Sources, source: str) -> None:
    """Make a snapshot's table from the raw table, as the first `dbt snapshot` does."""
    one, table = snapshot_of(source), TABLES[source]
    raw = f"{warehouse.database('RAW')}.{table.schema}.{table.name}"
    staging = one.staging.replace("from copies", f"from {raw}")
    sources.run(
        f"CREATE OR REPLACE TABLE {warehouse.history_schema()}.{one.name} AS"
        f" WITH staging AS ({staging}), states AS ({one.states})"
        f" SELECT *, MD5({one.key}::VARCHAR || '|' || loaded_at::VARCHAR) AS dbt_scd_id,"
        " loaded_at AS dbt_updated_at, loaded_at AS dbt_valid_from,"
        " NULL::TIMESTAMP_NTZ AS dbt_valid_to FROM states"
    )


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int | float) else f"'{value}'"
