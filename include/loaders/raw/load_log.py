"""The load log, one row a load in `LOADING.LOAD_LOG` of the raw database, and the table locks."""

import json

from include.loaders.errors import PermanentError, SchemaError
from include.loaders.raw.identifiers import quoted
from include.loaders.raw.session import Session
from include.loaders.report import LoadReport
from include.sources import RawTable
from include.times import naive_utc

SCHEMA = "LOADING"
# Snowflake's number for an object that does not exist, or that the role may not use.
_DOES_NOT_EXIST = 2003
COLUMNS = {
    "SOURCE": "VARCHAR",
    "TABLE_NAME": "VARCHAR",
    "LOAD_ID": "VARCHAR",
    "LOADED_AT": "TIMESTAMP_NTZ",
    "ROW_COUNT": "NUMBER(38, 0)",
    "BYTE_COUNT": "NUMBER(38, 0)",
    "REQUEST_COUNT": "NUMBER(38, 0)",
    "SECONDS": "FLOAT",
    "SOURCE_EDITED_AT": "TIMESTAMP_NTZ",
    "CONTENT_HASH": "VARCHAR",
    "OUTCOME": "VARCHAR",
    "REASON": "VARCHAR",
    "NOTES": "VARCHAR",
}


def prepare(session: Session) -> None:
    """Create the log and the locks if they do not exist.

    Raises:
        SchemaError: Their schema does not exist.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    create_table(session, SCHEMA, "LOAD_LOG", columns)
    create_table(session, SCHEMA, "LOAD_LOCKS", "TABLE_NAME VARCHAR, LOAD_ID VARCHAR")


def create_table(session: Session, schema: str, name: str, columns: str) -> None:
    """Create a table if it does not exist, in a schema that Terraform has made.

    The loader's role makes no schemas: one that it made by mistake would lack the other roles'
    grants.

    Args:
        session: The warehouse session.
        schema: The schema's name.
        name: The table's name.
        columns: The columns' names and types.

    Raises:
        SchemaError: The schema does not exist, or the role may not use it.
    """
    try:
        session.run(
            f"CREATE TABLE IF NOT EXISTS {quoted(session.database, schema, name)} ({columns})"
        )
    except PermanentError as error:
        # Of this statement only the database or the schema can be missing.
        if getattr(error.__cause__, "errno", None) != _DOES_NOT_EXIST:
            raise
        raise SchemaError(
            session.source,
            f"the schema {session.database}.{schema} does not exist, or the role may not use it; "
            "Terraform makes the loaders' schemas and their grants, so apply it, as docs/deploy.md "
            "says",
            error.request,
            error.service_message,
        ) from error


def record(session: Session, report: LoadReport) -> None:
    """Add a load to the log, in the open transaction if there is one."""
    places = ", ".join("%s" for _ in COLUMNS)
    session.run(
        f"INSERT INTO {_log(session)} ({', '.join(COLUMNS)}) SELECT {places}",
        (
            report.source,
            report.table,
            report.load_id,
            naive_utc(report.loaded_at),
            report.rows,
            report.bytes,
            report.requests,
            report.seconds,
            naive_utc(report.source_edited_at),
            report.content_hash,
            report.outcome,
            report.reason,
            json.dumps(report.notes),
        ),
    )


def has(session: Session, report: LoadReport) -> bool:
    """True if a new session finds the load in the log; false also if there is no new session."""
    session.reopen()
    try:
        found = session.run(
            f"SELECT OUTCOME FROM {_log(session)} WHERE TABLE_NAME = %s "  # noqa: S608
            "AND LOAD_ID = %s AND LOADED_AT = %s AND OUTCOME = %s",
            (report.table, report.load_id, naive_utc(report.loaded_at), report.outcome),
        )
    except Exception:
        return False
    return bool(found)


def make_lock(session: Session, table: RawTable) -> None:
    """Create a table's lock if it does not exist; call it outside of a transaction."""
    locks, name = _locks(session), session.full_name(table)
    session.run(
        f"INSERT INTO {locks} (TABLE_NAME) SELECT %s "  # noqa: S608
        f"WHERE NOT EXISTS (SELECT 1 FROM {locks} WHERE TABLE_NAME = %s)",
        (name, name),
    )


def take_lock(session: Session, table: RawTable, load_id: str) -> None:
    """Wait until no other load replaces the table; the lock ends with the transaction.

    Deleting from an empty table may lock nothing, and two first loads at once would both insert.

    Args:
        session: The warehouse session, in a transaction.
        table: The table to lock.
        load_id: The run that takes the lock.
    """
    session.run(
        f"UPDATE {_locks(session)} SET LOAD_ID = %s WHERE TABLE_NAME = %s",  # noqa: S608
        (load_id, session.full_name(table)),
    )


def _log(session: Session) -> str:
    return quoted(session.database, SCHEMA, "LOAD_LOG")


def _locks(session: Session) -> str:
    return quoted(session.database, SCHEMA, "LOAD_LOCKS")
