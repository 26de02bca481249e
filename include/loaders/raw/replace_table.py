"""A raw table's rows, replaced by those of Parquet files within one transaction.

Columns evolve, types do not: a new column is added and reported, a changed type is refused.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from include.loaders.errors import LoadError, SchemaError, TransientError
from include.loaders.parquet import ParquetSink
from include.loaders.raw import load_log
from include.loaders.raw.identifiers import quoted
from include.loaders.raw.session import Session
from include.loaders.report import LoadReport
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


def replace_table(
    session: Session,
    table: RawTable,
    *,
    load_id: str,
    sink: ParquetSink,
    check: Callable[[int], str],
    report: Callable[[str, list[str]], LoadReport],
) -> LoadReport:
    """Replace a table's rows by those of a sink, and record the load in the same transaction.

    Readers see the old rows or the new ones. A failure before the commit leaves the old rows,
    and at most a new empty column.

    Args:
        session: The warehouse session, without an open transaction.
        table: The table.
        load_id: The run that loads it.
        sink: The rows, finished.
        check: Called with the number of rows in the table; returns an accepted drop or an empty
            string, or raises `CollapseError`.
        report: Makes the report of what `check` returned and of notes on the table's columns.

    Raises:
        CollapseError: `check` refuses the load.
        SchemaError: A field has changed its type.
        LoadError: The warehouse refuses a statement or fails.
    """
    columns = {field.name: SQL_TYPES[str(field.type)] for field in sink.schema}
    notes = prepare_table(session, table, columns)
    load_log.make_lock(session, table)
    target = quoted(session.database, table.schema, table.name)
    names = ", ".join(quoted(column) for column in columns)
    with _staged(session, table, columns, sink) as copy:
        done: LoadReport | None = None
        try:
            with session.transaction():
                load_log.take_lock(session, table, load_id)
                accepted = check(session.value(f"SELECT COUNT(*) FROM {target}"))  # noqa: S608
                session.run(f"DELETE FROM {target}")  # noqa: S608
                session.run(f"INSERT INTO {target} ({names}) SELECT {names} FROM {copy}")  # noqa: S608
                after = session.value(f"SELECT COUNT(*) FROM {target}")  # noqa: S608
                if after != sink.rows:
                    reason = f"{sink.rows:,} rows were read, but the table would hold {after:,}"
                    raise TransientError(session.source, reason)
                done = report(accepted, notes)
                load_log.record(session, done)
        except TransientError:
            # The answer to a COMMIT can be lost after the warehouse has carried it out; a second
            # try would log the load twice.
            if done is None or not load_log.has(session, done):
                raise
    return done


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
        SchemaError: The table's schema does not exist, the table is not one of this loader's, or a
            column's type differs from the table's.
    """
    name = quoted(session.database, table.schema, table.name)
    existing = _columns(session, table)
    if not existing:
        definitions = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
        load_log.create_table(session, table.schema, table.name, definitions)
        # Another load may have created it first, with other columns.
        existing = _columns(session, table)
    _refuse_foreign(session, table, existing)
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


def _refuse_foreign(session: Session, table: RawTable, existing: dict[str, str]) -> None:
    """Refuse a table that this loader has not made, for its rows may be the only copy.

    An earlier project kept a copy of each day in tables of the same names. No accepted drop in rows
    replaces those.
    """
    if existing and "_LOAD_ID" not in existing:
        raise SchemaError(
            session.source,
            f"{session.full_name(table)} was not made by this loader, as it has no column "
            "_LOAD_ID; it is left as it is. Move it out of the way, as docs/cutover.md says",
        )


def _columns(session: Session, table: RawTable) -> dict[str, str]:
    """The table's columns and types; empty if the table does not exist."""
    rows = session.run(
        f"SELECT COLUMN_NAME, DATA_TYPE FROM {quoted(session.database)}.INFORMATION_SCHEMA.COLUMNS "  # noqa: S608
        "WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION",
        (table.schema, table.name),
    )
    return dict(rows)


@contextmanager
def _staged(
    session: Session, table: RawTable, columns: dict[str, str], sink: ParquetSink
) -> Iterator[str]:
    """A temporary table with the sink's rows, under a name that no other load has."""
    token = secrets.token_hex(8).upper()
    stage = quoted(session.database, table.schema, f"LOAD_STAGE_{token}")
    copy = quoted(session.database, table.schema, f"LOAD_COPY_{token}")
    definitions = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
    # Temporary: they end with the session, even if it dies.
    session.run(f"CREATE TEMPORARY STAGE {stage}")
    try:
        session.run(f"CREATE TEMPORARY TABLE {copy} ({definitions})")
        for number, part in enumerate(sink.parts):
            part.seek(0)
            session.run(
                f"PUT 'file://part_{number}.parquet' @{stage} AUTO_COMPRESS = FALSE",
                file_stream=part,
            )
        # Without BINARY_AS_TEXT = FALSE, WKB would be read as text.
        session.run(
            f"COPY INTO {copy} FROM @{stage} FILE_FORMAT = (TYPE = PARQUET "
            "USE_LOGICAL_TYPE = TRUE BINARY_AS_TEXT = FALSE) "
            "MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
        )
        yield copy
    finally:
        for kind, name in (("TABLE", copy), ("STAGE", stage)):
            with suppress(LoadError):
                session.run(f"DROP {kind} IF EXISTS {name}")
