"""The raw tables as loaders and Fivetran write them, for tests of the dbt project."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from include import sources, warehouse
from include.sources import RawTable

Row = Mapping[str, Any]

LOADED_AT: Final = "2026-11-20 13:00:00"
EDITED_AT: Final = "2026-11-19 05:30:00"

_LOAD: Final = {
    "_LOADED_AT": "TIMESTAMP_NTZ",
    "_SOURCE_EDITED_AT": "TIMESTAMP_NTZ",
    "_LOAD_ID": "VARCHAR",
}
_ARRAYS: Final = (
    "METRIC_NAME", "METRIC_MACHINE_NAME", "METRIC_TYPE", "METRIC_UNIT_LABEL", "UPDATE_FREQUENCY",
    "TOPIC", "METRIC_CONTACT_NAME", "METRIC_CONTACT_EMAIL",
)  # fmt: skip


def _columns(type_: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), type_)


COLUMNS: Final[dict[RawTable, dict[str, str]]] = {
    sources.EPA.table: {
        **_columns("NUMBER(38,0)", "OBJECTID"),
        **_columns("VARCHAR", "GLOBALID APN ADDRESS FIRENAME LANDUSE PUBLICSTATUS"),
        **_columns("TIMESTAMP_NTZ", "ASSESSMENTDATE"),
        **_columns("FLOAT", "SHAPE__AREA SHAPE__LENGTH"),
        **_columns("BINARY", "GEOMETRY"),
        **_LOAD,
    },
    sources.USACE.table: {
        **_columns("NUMBER(38,0)", "OBJECTID"),
        **_columns(
            "VARCHAR",
            "MA APN APN_COINCIDENT_LIST ADDRESS EVENT_SUB_NAME EPA_STATUS ROE_STATUS ROE_DETAILS"
            " HSA_STATUS PCR_STATUS FSO_PKG_STATUS HHM_REMOVAL_STATUS",
        ),
        **_columns(
            "TIMESTAMP_NTZ",
            "ROE_RECEIVED ROE_SUBMITTED ROE_APPROVED ROE_WITHDRAWN HSA_REPORT_RECEIVED"
            " HSA_REPORT_APPROVED PCR_RECEIVED PCR_APPROVED PCR_DELIVERY FSO_PKG_RECEIVED"
            " FSO_PKG_RETURNED FSO_PKG_APPROVED GDB_FROM_DATE GDB_TO_DATE",
        ),
        **_columns("BINARY", "GEOMETRY"),
        **_LOAD,
    },
    sources.PASADENA.table: {
        **_columns("NUMBER(38,0)", "OBJECTID ID COUNCIL_DISTRICT"),
        **_columns(
            "VARCHAR",
            "PMPERMITID PERMIT_NUMBER PARCEL_NUMBER ADDRESS CITY STATE ZIPCODE PERMIT_STATUS"
            " WORK_CLASS PERMIT_TYPE DESCRIPTION",
        ),
        **_columns("FLOAT", "SHAPE__AREA SHAPE__LENGTH"),
        **_columns("BINARY", "GEOMETRY"),
        **_LOAD,
    },
    sources.AIRTABLE.table: {
        **_columns("VARCHAR", "ID METRIC_MODIFIED_BY AS_OF_LABEL"),
        **_columns("FLOAT", "METRIC"),
        **_columns("TIMESTAMP_TZ", "DATE_CREATED DATE_METRIC_MODIFIED _FIVETRAN_SYNCED"),
        **_columns("VARIANT", "METRIC_DEFINITION METRIC_TITLE_FOR_INTERFACE"),
        **{f"{name}_FROM_METRIC_DEFINITION_": "VARIANT" for name in _ARRAYS},
    },
    sources.PAGE_FEEDBACK.table: {
        **_columns("VARCHAR", "FEEDBACK_KEY SITE_DOMAIN PAGE PAGE_SECTION URL COMMENTS"),
        **_columns("BOOLEAN", "IS_HELPFUL _FIVETRAN_DELETED"),
        **_columns("TIMESTAMP_TZ", "TIME _FIVETRAN_SYNCED"),
    },
}
_MALIBU_TYPES: Final = {"text": "VARCHAR", "integer": "NUMBER(38,0)", "number": "FLOAT"}
for _listing in sources.MALIBU:
    COLUMNS[_listing.table] = {
        **{field.name.upper(): _MALIBU_TYPES[field.type] for field in _listing.fields},
        **_LOAD,
    }


def qualified(table: RawTable) -> str:
    """The table's full name in this environment's raw database."""
    return f"{warehouse.database('RAW')}.{table.schema}.{table.name}"


def statements(table: RawTable, rows: Sequence[Row]) -> list[str]:
    """The statements that replace the table with these rows; columns left out are null.

    A loader's row carries `LOADED_AT` unless it says otherwise.
    """
    columns = COLUMNS[table]
    declared = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    made = [
        f"CREATE SCHEMA IF NOT EXISTS {warehouse.database('RAW')}.{table.schema}",
        f"CREATE OR REPLACE TABLE {qualified(table)} ({declared})",
    ]
    if rows:
        named = ", ".join(f'"{name}"' for name in columns)
        selects = " UNION ALL ".join(_select(columns, row) for row in rows)
        made.append(f"INSERT INTO {qualified(table)} ({named}) {selects}")
    return made


def _select(columns: Mapping[str, str], row: Row) -> str:
    unknown = set(row) - set(columns)
    assert not unknown, f"no such raw column: {unknown}"
    filled = {"_LOADED_AT": LOADED_AT, "_LOAD_ID": "run-1", **row}
    return "SELECT " + ", ".join(_literal(filled.get(name), of) for name, of in columns.items())


def _literal(value: object, type_: str) -> str:
    if value is None:
        return f"NULL::{type_}"
    if type_ == "VARIANT":
        return f"PARSE_JSON('{orjson.dumps(value).decode()}')"
    text = str(value).replace("'", "''")
    return f"'{text}'::{type_}" if isinstance(value, str) else f"{value}::{type_}"
