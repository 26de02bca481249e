"""Reads the current data of a source: the folder `fivetran/<source>` of the laptop's data."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local.fivetran.connectors import (
    AIRTABLE_BASE_ID,
    AIRTABLE_PREFIX,
    PACKED,
    Connector,
    airtable_schema,
)

SYNCED = "_FIVETRAN_SYNCED"
DELETED = "_FIVETRAN_DELETED"
# The one column of a packed row, beside its key.
DATA = "DATA"

_NAME = re.compile(r"[A-Z_][A-Z0-9_$]*")
_TYPE = re.compile(r"[A-Z_]+(\(\d+(, ?\d+)?\))?")


class DataError(ValueError):
    """A sync cannot read the data folder; the message says which file and why."""


@dataclass(frozen=True)
class Declared:
    """A source's declaration of its one table.

    Attributes:
        schema: The destination's schema, upper-case.
        table: The destination's table, upper-case.
        columns: Snowflake types by upper-case column name, without `SYNCED` and `DELETED`.
    """

    schema: str
    table: str
    columns: dict[str, str]


@dataclass(frozen=True)
class Extract(Declared):
    """A source's declaration and all its rows, as dicts by column name.

    A row may have the column `DELETED` too.
    """

    rows: list[dict[str, Any]]


def read_declared(data: Path, connector: Connector) -> Declared:
    """Read the declaration of a connector's source.

    Its schema is named, or follows from `base`, the name of the Airtable base.

    Raises:
        DataError: `schema.json` is missing or malformed, or a name or type in it is not valid in
            Snowflake.
    """
    file = data / "fivetran" / connector.source / "schema.json"
    match _read_json(file):
        case {"base": str(base), "table": str(table), "columns": dict(types)} if (
            connector.has_prefix
        ):
            schema = airtable_schema(AIRTABLE_PREFIX, base, AIRTABLE_BASE_ID)
        case {"schema": str(schema), "table": str(table), "columns": dict(types)}:
            pass
        case _:
            raise DataError(f"{file} needs schema, table and columns.")
    columns = {name.upper(): str(type_).upper() for name, type_ in types.items()}
    declared = Declared(schema.upper(), table.upper(), _without_system(columns))
    _check(file, declared)
    if connector.key not in columns:
        raise DataError(f"{file} has no column {connector.key}, the key.")
    return declared


def read_extract(data: Path, connector: Connector) -> Extract:
    """Read all the data of a connector's source.

    A column that only the rows have gets the type of its first value, as with Fivetran's sources
    that declare no types.

    Raises:
        DataError: A file is missing or malformed, or a row's key is missing or not unique.
    """
    declared = read_declared(data, connector)
    file = data / "fivetran" / connector.source / "rows.json"
    rows = _read_json(file)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{file} must be a list of objects.")
    rows = [{name.upper(): value for name, value in row.items()} for row in rows]
    columns = dict(declared.columns)
    for row in rows:
        for name, value in row.items():
            if name not in columns and value is not None:
                columns[name] = _type_of(value)
    extract = Extract(declared.schema, declared.table, _without_system(columns), rows)
    _check(file, extract)
    _check_keys(file, connector.key, rows)
    return extract


def packed(extract: Extract, connector: Connector, sync_mode: str) -> Extract:
    """The data as it arrives in a pack mode: whole, or each row as one JSON value.

    https://fivetran.com/docs/connectors/databases/dynamodb#packmodeoptions
    """
    if not connector.has_pack_mode or sync_mode != PACKED:
        return extract
    key = connector.key
    rows = [
        {
            key: row[key],
            DATA: _without_system({name.lower(): value for name, value in row.items()}),
            DELETED: row.get(DELETED),
        }
        for row in extract.rows
    ]
    return replace(extract, columns={key: extract.columns[key], DATA: "VARIANT"}, rows=rows)


def _without_system(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name.upper() not in (SYNCED, DELETED)}


def _read_json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{file} is missing.") from None
    except ValueError as error:
        raise DataError(f"{file} is not JSON: {error}") from None


def _type_of(value: object) -> str:
    match value:
        case bool():
            return "BOOLEAN"
        case int():
            return "NUMBER(38,0)"
        case float():
            return "FLOAT"
        case str():
            return "VARCHAR"
        case _:
            return "VARIANT"


def _check(file: Path, declared: Declared) -> None:
    """Check the names and types, which are inserted into SQL unescaped."""
    for name in (declared.schema, declared.table, *declared.columns):
        if not _NAME.fullmatch(name):
            raise DataError(f"{file}: {name!r} is not a valid name of a schema, table or column.")
    for type_ in declared.columns.values():
        if not _TYPE.fullmatch(type_):
            raise DataError(f"{file}: {type_!r} is not a column type.")


def _check_keys(file: Path, key: str, rows: list[dict[str, Any]]) -> None:
    keys = [row.get(key) for row in rows]
    if None in keys:
        raise DataError(f"{file}: row {keys.index(None)} has no {key}.")
    if len(set(map(str, keys))) != len(keys):
        raise DataError(f"{file}: two rows have the same {key}.")
