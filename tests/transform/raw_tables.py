"""Raw tables in the form that the loaders and Fivetran write, for tests of the dbt project."""

from collections.abc import Mapping, Sequence
from functools import singledispatch
from typing import Any, Final

import orjson

from include import warehouse
from include.sources import SOURCES, ArcgisLayer, FivetranConnector, JsonList, Part, RawTable
from tests.small_data import SMALL, layer_of

Row = Mapping[str, Any]

LOADED_AT: Final = "2026-11-20 13:00:00"
EDITED_AT: Final = "2026-11-19 05:30:00"

_LOAD: Final = {
    "_LOADED_AT": "TIMESTAMP_NTZ",
    "_SOURCE_EDITED_AT": "TIMESTAMP_NTZ",
    "_LOAD_ID": "VARCHAR",
}
# The warehouse's types for the types of ArcGIS layers and JSON lists.
_TYPES: Final = {
    "esriFieldTypeOID": "NUMBER(38,0)",
    "esriFieldTypeInteger": "NUMBER(38,0)",
    "esriFieldTypeSmallInteger": "NUMBER(38,0)",
    "esriFieldTypeDouble": "FLOAT",
    "esriFieldTypeSingle": "FLOAT",
    "esriFieldTypeString": "VARCHAR",
    "esriFieldTypeGlobalID": "VARCHAR",
    "esriFieldTypeDate": "TIMESTAMP_NTZ",
    "text": "VARCHAR",
    "integer": "NUMBER(38,0)",
    "number": "FLOAT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP_NTZ",
}


@singledispatch
def columns_of(part: Part) -> dict[str, str]:
    """The columns of a part's raw table and their types, as declared in the small data."""
    raise NotImplementedError(part)


@columns_of.register
def _(part: JsonList) -> dict[str, str]:
    return {field.name.upper(): _TYPES[field.type] for field in part.fields} | _LOAD


@columns_of.register
def _(part: ArcgisLayer) -> dict[str, str]:
    fields = {field["name"].upper(): field["type"] for field in layer_of(part.name)["fields"]}
    shape = fields.pop("SHAPE", None)
    assert shape in (None, "esriFieldTypeGeometry")
    typed = {name: _TYPES[type_] for name, type_ in fields.items()}
    return typed | {"GEOMETRY": "BINARY"} | _LOAD


@columns_of.register
def _(part: FivetranConnector) -> dict[str, str]:
    schema = orjson.loads((SMALL / "fivetran" / part.name / "schema.json").read_bytes())
    declared: dict[str, str] = schema["columns"]
    system = {"_FIVETRAN_SYNCED": "TIMESTAMP_TZ"}
    if part.keeps_deleted:
        system["_FIVETRAN_DELETED"] = "BOOLEAN"
    return declared | system


COLUMNS: Final[dict[RawTable, dict[str, str]]] = {
    part.table: columns_of(part) for source in SOURCES.values() for part in source.parts
}


def qualified(table: RawTable) -> str:
    """The table's full name in this environment's raw database."""
    return f"{warehouse.database('RAW')}.{table.schema}.{table.name}"


def statements(
    table: RawTable, rows: Sequence[Row], types: Mapping[str, str] | None = None
) -> list[str]:
    """The statements that replace a table's rows. Missing columns become null.

    A loader's row gets the load time `LOADED_AT` unless it has another.

    Args:
        table: The raw table.
        rows: Its new rows.
        types: The types of columns that differ from the declared ones.
    """
    columns = {**COLUMNS[table], **(types or {})}
    declared = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    sql = [
        f"CREATE SCHEMA IF NOT EXISTS {warehouse.database('RAW')}.{table.schema}",
        f"CREATE OR REPLACE TABLE {qualified(table)} ({declared})",
    ]
    if rows:
        named = ", ".join(f'"{name}"' for name in columns)
        selects = " UNION ALL ".join(_select(columns, row) for row in rows)
        sql.append(f"INSERT INTO {qualified(table)} ({named}) {selects}")
    return sql


def _select(columns: Mapping[str, str], row: Row) -> str:
    unknown = set(row) - set(columns)
    assert not unknown, f"the raw table has no column {unknown}"
    filled = {"_LOADED_AT": LOADED_AT, "_LOAD_ID": "run-1", **row}
    return "SELECT " + ", ".join(_literal(filled.get(name), of) for name, of in columns.items())


def _literal(value: object, type_: str) -> str:
    if value is None:
        return f"NULL::{type_}"
    if type_ == "VARIANT":
        return f"PARSE_JSON({_quoted(orjson.dumps(value).decode())})"
    return f"{_quoted(value) if isinstance(value, str) else value}::{type_}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
