"""A raw table's columns: a new column is added and reported, a changed type is refused."""

from include.loaders.errors import SchemaError
from include.loaders.raw.identifiers import quoted
from include.loaders.raw.session import Session
from include.sources import RawTable

# The types of raw tables, by Arrow's names for them.
SQL_TYPES = {
    "string": "VARCHAR",
    "int64": "NUMBER(38, 0)",
    "double": "FLOAT",
    "timestamp[us]": "TIMESTAMP_NTZ",
    "date32[day]": "DATE",
    "bool": "BOOLEAN",
    "binary": "BINARY",
}
# Their names in the information schema, where those differ.
_DECLARED = {"VARCHAR": "TEXT", "NUMBER(38, 0)": "NUMBER"}


def prepare_table(session: Session, table: RawTable, columns: dict[str, str]) -> list[str]:
    """Prepare the table for rows with these columns; harmless if the load fails later.

    A column that the source no longer has stays and is null from now on.

    Args:
        session: The warehouse session, without an open transaction, which a definition would
            commit.
        table: The table.
        columns: Each column's SQL type.

    Returns:
        A sentence for every column that is new or gone.

    Raises:
        SchemaError: A column's type differs from the table's.
    """
    name = quoted(session.database, table.schema, table.name)
    existing = _columns(session, table)
    if not existing:
        definitions = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
        session.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(session.database, table.schema)}")
        session.run(f"CREATE TABLE IF NOT EXISTS {name} ({definitions})")
        # Another load may have created it first, with other columns.
        existing = _columns(session, table)
    changed = [
        f"{column} was {existing[column]} and is now {_DECLARED.get(kind, kind)}"
        for column, kind in columns.items()
        if column in existing and existing[column] != _DECLARED.get(kind, kind)
    ]
    if changed:
        raise SchemaError(session.source, f"a field has changed its type: {'; '.join(changed)}")
    new = [column for column in columns if column not in existing]
    for column in new:
        session.run(
            f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS {quoted(column)} {columns[column]}"
        )
    gone = [column for column in existing if column not in columns]
    return [f"the column {column} is new" for column in new] + [
        f"the column {column} is no longer in the source and is null" for column in gone
    ]


def _columns(session: Session, table: RawTable) -> dict[str, str]:
    """The table's columns and types; empty if the table does not exist."""
    rows = session.run(
        f"SELECT COLUMN_NAME, DATA_TYPE FROM {quoted(session.database)}.INFORMATION_SCHEMA.COLUMNS "  # noqa: S608
        "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION",
        (table.schema, table.name),
    )
    return dict(rows)
