"""JSON values to Arrow columns, by the type that the source declares; no type is guessed."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from include.loaders.errors import SchemaError
from include.loaders.excerpts import short_repr
from include.loaders.values import LOSSLESS, text
from include.sources import FieldType
from include.times import naive_utc

ARROW: dict[FieldType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "timestamp": pa.timestamp("us"),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}
# The Python types of JSON values that are copied without a conversion.
_COPIED: dict[FieldType, set[type]] = {
    "text": {str},
    "integer": {int},
    "number": {int, float},
    "boolean": {bool},
}
# The years that Snowflake and Python can both hold, in milliseconds since 1970.
EARLIEST = -62_135_596_800_000
LATEST = 253_402_300_799_999


@dataclass(frozen=True)
class Column:
    """A declared field of a source, under the source's own name for it."""

    name: str
    type: FieldType


def to_array(
    values: Sequence[Any], column: Column, source: str, row_name: Callable[[int], str]
) -> pa.Array:
    """An Arrow array of the column's type, with `None`, NaN and the infinities as null.

    A timestamp is milliseconds since 1970 in UTC, or ISO 8601; the array's timestamps are
    microseconds in UTC. A value of another type is converted if nothing is lost (`5.0` as an
    integer, `91101` as text).

    Args:
        values: One JSON value a row.
        column: The declared field.
        source: The source's name, for messages.
        row_name: Names the row at a position, for messages.

    Raises:
        SchemaError: A value does not fit; the message names the field, the row and the value.
    """
    kinds = set(map(type, values)) - {type(None)}
    if column.type == "timestamp" and kinds <= {int}:
        times = _timestamps(values)
        if times is not None:
            return times
    elif kinds <= _COPIED.get(column.type, set()):
        try:
            array = pa.array(values, ARROW[column.type])
        except (pa.ArrowException, OverflowError, UnicodeError):
            pass  # One of the values does not fit: the slow way below names it.
        else:
            return _without_nan(array) if column.type == "number" else array
    return pa.array(_one_by_one(values, column, source, row_name), ARROW[column.type])


def _timestamps(values: Sequence[Any]) -> pa.Array | None:
    """Milliseconds to timestamps; `None` if one of them is out of range."""
    try:
        array = pa.array(values, pa.int64())
    except OverflowError:
        return None
    bounds = pc.min_max(array)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    if low is not None and (low < EARLIEST or high > LATEST):
        return None
    return pc.cast(array.cast(pa.timestamp("ms")), pa.timestamp("us"))


def _without_nan(array: pa.Array) -> pa.Array:
    """NaN and the infinities as nulls: a service writes them where it has no value."""
    finite = pc.is_finite(array)
    return array if pc.all(finite).as_py() is not False else pc.if_else(finite, array, None)


def _one_by_one(
    values: Sequence[Any], column: Column, source: str, row_name: Callable[[int], str]
) -> list[Any]:
    convert = LOSSLESS[column.type]
    converted = []
    for position, value in enumerate(values):
        try:
            converted.append(None if value is None else convert(value))
        except (ValueError, TypeError, OverflowError) as error:
            raise SchemaError(
                source,
                f"{row_name(position)}: the field {short_repr(column.name)} is declared as "
                f"{column.type} and holds {short_repr(value)} ({error})",
            ) from error
    return converted


def load_columns(
    loaded_at: datetime, edited_at: datetime | None, load_id: str
) -> dict[str, pa.Scalar]:
    """The columns that every load adds to its rows, by name, as Arrow scalars.

    Args:
        loaded_at: When the load began to read, in UTC.
        edited_at: The source's declared last edit, in UTC.
        load_id: The run that loads the rows.
    """
    timestamp = pa.timestamp("us")
    return {
        "_LOADED_AT": pa.scalar(naive_utc(loaded_at), timestamp),
        "_SOURCE_EDITED_AT": pa.scalar(naive_utc(edited_at), timestamp),
        "_LOAD_ID": pa.scalar(load_id, pa.string()),
    }


def match_names(
    declared: Iterable[str], rows: Sequence[dict[str, Any]], source: str = "the source"
) -> tuple[dict[str, str], set[str]]:
    """Match declared fields with the rows' names, whose case may change from day to day.

    Args:
        declared: The declared names.
        rows: The rows, whose names are their keys.
        source: The source's name, for messages.

    Returns:
        The rows' own name for each declared field (the declared one if they have none), and the
        rows' names that are not declared.

    Raises:
        SchemaError: A declared field has no name of its own in the rows and could be two of theirs,
            or two declared fields are one of theirs.
    """
    names: set[str] = set().union(*rows)
    folded: dict[str, list[str]] = {}
    for name in sorted(names):
        folded.setdefault(name.casefold(), []).append(name)
    actual: dict[str, str] = {}
    for name in declared:
        spellings = [name] if name in names else folded.get(name.casefold(), [name])
        if len(spellings) > 1:
            found = ", ".join(map(short_repr, spellings[:3]))
            reason = f"the rows spell the field {short_repr(name)} in several ways: {found}"
            raise SchemaError(source, reason)
        actual[name] = spellings[0]
    if twice := [name for name, count in Counter(actual.values()).items() if count > 1]:
        reason = f"the field {short_repr(twice[0])} of the rows is two declared fields"
        raise SchemaError(source, reason)
    return actual, names - set(actual.values())


def check_names(source: str, names: Iterable[str]) -> None:
    """Refuse column names that a file cannot have, or that a reader may take for one column.

    Readers such as DuckDB ignore the case of a column's name.

    Raises:
        SchemaError: A name is empty or not text, or two differ at most by case.
    """
    seen: dict[str, str] = {}
    for name in names:
        if not name or text(name) != name:
            raise SchemaError(source, f"the field name {short_repr(name)} cannot name a column")
        if (other := seen.get(name.casefold())) is not None:
            reason = f"the fields {short_repr(other)} and {short_repr(name)} are one column"
            raise SchemaError(source, reason)
        seen[name.casefold()] = name
