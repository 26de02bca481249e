"""A source's names as identifiers in the warehouse.

Rules: https://docs.snowflake.com/en/sql-reference/identifiers-syntax
"""

import re
from collections.abc import Iterable

from include.loaders.errors import SchemaError

LONGEST = 255
# ArcGIS names a shape's area and length in several ways, and the names can change from day to day.
_MEASURE = re.compile(r"SHAPE[._]+(?:ST)?(AREA|LENGTH)(?:\(\))?")
# The columns of every raw table besides the source's own fields.
ADDED = ("GEOMETRY", "_LOADED_AT", "_SOURCE_EDITED_AT", "_LOAD_ID")


def quoted(*parts: str) -> str:
    """A qualified identifier, safe to put into SQL: `"RAW"."S"."T"`.

    Raises:
        ValueError: A part cannot be an identifier.
    """
    for part in parts:
        if not part or len(part) > LONGEST or not part.isprintable():
            raise ValueError(f"{part!r} cannot be a name in the warehouse")
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def column_names(source: str, fields: Iterable[str]) -> dict[str, str]:
    """The raw table's column for each of a source's fields.

    Names are upper-case, so that a field that changes case stays the same field, and the shape's
    measures are always `SHAPE__AREA` and `SHAPE__LENGTH`.

    Args:
        source: The source's name, for messages.
        fields: The source's own names.

    Raises:
        SchemaError: A name cannot be a column, or two fields have the same column.
    """
    fields = list(fields)
    upper = {field: field.upper() for field in fields}
    taken = set(upper.values())
    columns: dict[str, str] = {}
    for field in fields:
        name = upper[field]
        if (measure := _MEASURE.fullmatch(name)) and f"SHAPE__{measure[1]}" not in taken:
            name = f"SHAPE__{measure[1]}"
            taken.add(name)
        try:
            quoted(name)
        except ValueError as error:
            raise SchemaError(source, f"the field name {error}") from error
        if name in ADDED:
            reason = f"the field {field!r} has the name of a column that every load adds"
            raise SchemaError(source, reason)
        other = next((earlier for earlier, column in columns.items() if column == name), None)
        if other is not None:
            raise SchemaError(source, f"the fields {other!r} and {field!r} are one column, {name}")
        columns[field] = name
    return columns
