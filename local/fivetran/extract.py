"""Reads what a source holds now: the folder `fivetran/<source>` of the laptop's data."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.fivetran.connectors import Connector

SYNCED = "_FIVETRAN_SYNCED"
DELETED = "_FIVETRAN_DELETED"

_NAME = re.compile(r"[A-Z_][A-Z0-9_$]*")
_TYPE = re.compile(r"[A-Z_]+(\(\d+(, ?\d+)?\))?")


class DataError(ValueError):
    """The data folder is not what a sync can read; the message says where and why."""


@dataclass(frozen=True)
class Declared:
    """What a source declares of its one table.

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
    """Everything that a source holds: one dict per row, by column name.

    A row has `DELETED` too where the source says so.
    """

    rows: list[dict[str, Any]]


def read_declared(data: Path, connector: Connector) -> Declared:
    """Read what a connector's source declares.

    Raises:
        DataError: `schema.json` is missing or malformed, or a name or type in it is no
            Snowflake name or type.
    """
    file = data / "fivetran" / connector.source / "schema.json"
    match _read_json(file):
        case {"schema": str(schema), "table": str(table), "columns": dict(types)}:
            columns = {name.upper(): str(type_).upper() for name, type_ in types.items()}
        case _:
            raise DataError(f"{file} needs schema, table and columns.")
    declared = Declared(schema.upper(), table.upper(), _without_system(columns))
    _check(file, declared)
    if connector.key not in columns:
        raise DataError(f"{file} has no column {connector.key}, the key.")
    return declared


def read_extract(data: Path, connector: Connector) -> Extract:
    """Read everything that a connector's source holds now.

    A column that only the rows have gets the type that its first value suggests, as
    Fivetran does for sources that declare no types.

    Raises:
        DataError: a file is missing or malformed, or a row has no key or another row's key.
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
                columns[name] = _suggested_type(value)
    extract = Extract(declared.schema, declared.table, _without_system(columns), rows)
    _check(file, extract)
    _check_keys(file, connector.key, rows)
    return extract


def _without_system(columns: dict[str, str]) -> dict[str, str]:
    return {name: type_ for name, type_ in columns.items() if name not in (SYNCED, DELETED)}


def _read_json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{file} is missing.") from None
    except ValueError as error:
        raise DataError(f"{file} is not JSON: {error}") from None


def _suggested_type(value: object) -> str:
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
    """Names and types go into SQL as they are, so nothing else may be in them."""
    for name in (declared.schema, declared.table, *declared.columns):
        if not _NAME.fullmatch(name):
            raise DataError(f"{file}: {name!r} is no name for a table or column.")
    for type_ in declared.columns.values():
        if not _TYPE.fullmatch(type_):
            raise DataError(f"{file}: {type_!r} is no column type.")


def _check_keys(file: Path, key: str, rows: list[dict[str, Any]]) -> None:
    keys = [row.get(key) for row in rows]
    if None in keys:
        raise DataError(f"{file}: row {keys.index(None)} has no {key}.")
    if len(set(map(str, keys))) != len(keys):
        raise DataError(f"{file}: two rows have the same {key}.")
