"""Parquet into a raw table: staged, copied, counted and swapped in within one transaction."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

from include.loaders.errors import CollapseError, LoadError, TransientError
from include.loaders.raw import load_log
from include.loaders.raw.identifiers import quoted
from include.loaders.raw.schema import SQL_TYPES, prepare_table
from include.loaders.raw.session import Session
from include.loaders.report import LoadReport
from include.sources import Expectations, RawTable


def check_rows(
    source: str, rows: int, before: int, expects: Expectations, accepted: str | None
) -> str:
    """Refuse a load that is too small to be believed.

    Args:
        source: The source's name, for messages.
        rows: How many rows the new load has.
        before: How many the last good load had; 0 if there was none.
        expects: What the source's loads must bring.
        accepted: A person's reason to accept the drop.

    Returns:
        The accepted drop and the reason for it, if there is one; otherwise an empty string.

    Raises:
        CollapseError: The load is too small and nobody has accepted it.
    """
    if rows >= expects.rows and rows >= expects.share * before:
        return ""
    least = max(expects.rows, int(-(-expects.share * before // 1)))
    drop = f"{rows:,} rows after {before:,}; at least {least:,} were expected"
    if accepted:
        return f"accepted: {drop}. Reason: {accepted}"
    raise CollapseError(
        source, f"{drop}. The table is as it was; if the drop is real, accept it with a reason"
    )


@dataclass(frozen=True)
class RawLoad:
    """What is to become of a raw table.

    Attributes:
        source: The source's name.
        database: The raw database.
        table: The table in it.
        load_id: The run that loads it.
        expects: What the source's loads must bring.
        accept_drop: A person's reason to accept far fewer rows than before.
    """

    source: str
    database: str
    table: RawTable
    load_id: str
    expects: Expectations
    accept_drop: str | None

    @property
    def name(self) -> str:
        """The table's qualified name, without quotes, as people write it."""
        return f"{self.database}.{self.table.schema}.{self.table.name}"


def replace_table(
    session: Session,
    load: RawLoad,
    *,
    schema: Any,
    parts: list[IO[bytes]],
    rows: int,
    report: Callable[[str, list[str]], LoadReport],
) -> LoadReport:
    """Replace a table's rows by those of some Parquet files, and record the load with them.

    Readers see the old rows or the new ones. Whatever happens before the commit leaves the old
    ones, and at most a new empty column.

    Args:
        session: The warehouse session, without an open transaction.
        load: The table and the load.
        schema: The Arrow schema of the files.
        parts: Open Parquet files; they are closed afterwards.
        rows: How many rows the files have together.
        report: Makes the report from an accepted drop (or an empty string) and notes.

    Raises:
        CollapseError: Far fewer rows than before.
        SchemaError: A field has changed its type.
        LoadError: The warehouse refuses or fails.
    """
    columns = {field.name: SQL_TYPES[str(field.type)] for field in schema}
    notes = prepare_table(session, load.source, load.database, load.table, columns)
    load_log.make_lock(session, load.database, load.name)
    target = quoted(load.database, load.table.schema, load.table.name)
    names = ", ".join(quoted(column) for column in columns)
    with _staged(session, load, columns, parts) as copy, session.transaction():
        load_log.take_lock(session, load.database, load.name, load.load_id)
        before = session.value(f"SELECT COUNT(*) FROM {target}")  # noqa: S608
        accepted = check_rows(load.source, rows, before, load.expects, load.accept_drop)
        session.run(f"DELETE FROM {target}")  # noqa: S608
        session.run(f"INSERT INTO {target} ({names}) SELECT {names} FROM {copy}")  # noqa: S608
        after = session.value(f"SELECT COUNT(*) FROM {target}")  # noqa: S608
        if after != rows:
            reason = f"{rows:,} rows were read, but the table would hold {after:,}"
            raise TransientError(load.source, reason)
        done = report(accepted, notes)
        load_log.record(session, load.database, done)
    return done


@contextmanager
def _staged(
    session: Session, load: RawLoad, columns: dict[str, str], parts: list[IO[bytes]]
) -> Iterator[str]:
    """A temporary table with the files' rows, under a name that no other load has."""
    token = secrets.token_hex(8).upper()
    stage = quoted(load.database, load.table.schema, f"LOAD_STAGE_{token}")
    copy = quoted(load.database, load.table.schema, f"LOAD_COPY_{token}")
    definitions = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
    # Temporary: a session that dies takes them with it.
    session.run(f"CREATE TEMPORARY STAGE {stage}")
    try:
        session.run(f"CREATE TEMPORARY TABLE {copy} ({definitions})")
        for number, part in enumerate(parts):
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
