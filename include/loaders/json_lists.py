"""A JSON list of flat objects, read by its declared fields."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from include.loaders.columns import Column, check_names, match_names, to_array
from include.loaders.errors import SchemaError
from include.loaders.excerpts import LENGTH, short_repr
from include.loaders.http_client import Client
from include.loaders.options import Columns, no_columns
from include.loaders.report import Notes
from include.sources import JsonField

Row = dict[str, Any]


def read_json_list(
    client: Client,
    url: str,
    fields: Sequence[JsonField],
    notes: Notes,
    columns: Columns = no_columns,
) -> pa.RecordBatch:
    """The rows as an Arrow record batch: the declared fields, then unknown ones as text.

    Args:
        client: The source's client.
        url: The list's address.
        fields: The declared fields.
        notes: Records the unknown and the missing fields.
        columns: Called with the columns of a list that has rows, and their types.

    Raises:
        SchemaError: The answer is not a list of objects, a required field is missing from a row,
            two fields differ only by case, or a value does not fit its field.
        LoadError: The server does not answer.
    """
    rows = client.read_json(url)
    if not isinstance(rows, list):
        given = short_repr(rows)
        if isinstance(rows, dict):
            given = f"an object with {', '.join(rows)[:LENGTH]}"
        raise SchemaError(client.source, f"the answer is not a list but {given}", url)
    for position, row in enumerate(rows):
        if not isinstance(row, dict):
            reason = f"{_row_name(position)} is not an object: {short_repr(row)}"
            raise SchemaError(client.source, reason, url)
    actual, extra = match_names((field.name for field in fields), rows, client.source)
    check_names(client.source, [*actual, *sorted(extra)])
    if rows:
        names = set().union(*rows)
        present = {each.name: each.type for each in fields if actual[each.name] in names}
        types = present | dict.fromkeys(extra, "text")
        columns({name.upper(): kind for name, kind in types.items()})
    arrays: dict[str, Any] = {}
    for field in fields:
        values = _values(rows, actual[field.name], field, client=client, url=url, notes=notes)
        arrays[field.name] = to_array(
            values, Column(field.name, field.type), client.source, _row_name
        )
    for name in sorted(extra):
        notes.add(f"the field {short_repr(name)} is not declared; it is loaded as text")
        values = [row.get(name) for row in rows]
        arrays[name] = to_array(values, Column(name, "text"), client.source, _row_name)
    schema = pa.schema([(name, array.type) for name, array in arrays.items()])
    return pa.record_batch(list(arrays.values()), schema=schema)


def _values(
    rows: list[Row], name: str, field: JsonField, *, client: Client, url: str, notes: Notes
) -> list[Any]:
    absent = [number for number, row in enumerate(rows) if name not in row]
    if absent and field.required:
        reason = (
            f"the required field {field.name!r} is missing from {len(absent):,} of {len(rows):,} "
            f"rows, first from {_row_name(absent[0])}"
        )
        raise SchemaError(client.source, reason, url)
    notes.add(f"rows without the field {field.name!r}, which is null there: {{count}}", len(absent))
    return [row.get(name) for row in rows]


def _row_name(position: int) -> str:
    return f"row {position + 1}"
