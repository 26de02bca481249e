"""The result of a SHOW statement: its rows as a DuckDB query, and its LIKE."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from local.snowflake.sql import escaped

_TIMES = dict.fromkeys(("created_on", "start_time", "end_time"), "TIMESTAMPTZ")


def is_like(name: str, pattern: str) -> bool:
    """SHOW's LIKE, which ignores case; `%` is any text and `_` any character."""
    parts = (
        ".*" if char == "%" else "." if char == "_" else re.escape(char)
        for char in pattern.replace("\\", "")
    )
    return re.fullmatch("".join(parts), name, re.IGNORECASE) is not None


def rows_query(
    columns: Sequence[str], rows: Sequence[Sequence[object]], numbers: Collection[str] = ()
) -> str:
    """A DuckDB query with these rows.

    Args:
        columns: The columns' names.
        rows: The rows, in the columns' order.
        numbers: The columns that are numbers; the others are times or texts.
    """

    def value(name: str, given: object) -> str:
        type_ = "BIGINT" if name in numbers else _TIMES.get(name, "VARCHAR")
        literal = "NULL" if given is None else f"'{escaped(str(given))}'"
        return f'{literal}::{type_} AS "{name}"'

    empty = dict.fromkeys(columns)
    queries = [
        "SELECT " + ", ".join(value(name, one) for name, one in zip(columns, row, strict=True))
        for row in rows
    ]
    return " UNION ALL ".join(queries) or (
        "SELECT " + ", ".join(value(name, None) for name in empty) + " LIMIT 0"
    )


def now() -> str:
    """The present time, to the second."""
    return datetime.now(UTC).isoformat(sep=" ", timespec="seconds")
