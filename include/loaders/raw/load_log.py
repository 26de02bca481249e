"""The load log: one row for each load in `LOADING.LOAD_LOG` of the raw database."""

import json

from include.loaders.raw.identifiers import quoted
from include.loaders.raw.session import Session
from include.loaders.report import LoadReport
from include.times import naive_utc

SCHEMA = "LOADING"
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


def prepare(session: Session, database: str) -> None:
    """Create the log and the locks if they are not there."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    session.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(database, SCHEMA)}")
    session.run(f"CREATE TABLE IF NOT EXISTS {_log(database)} ({columns})")
    session.run(
        f"CREATE TABLE IF NOT EXISTS {_locks(database)} (TABLE_NAME VARCHAR, LOAD_ID VARCHAR)"
    )


def record(session: Session, database: str, report: LoadReport) -> None:
    """Add a load to the log, in the transaction that is open, if one is."""
    places = ", ".join("%s" for _ in COLUMNS)
    session.run(
        f"INSERT INTO {_log(database)} ({', '.join(COLUMNS)}) SELECT {places}",
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


def make_lock(session: Session, database: str, table: str) -> None:
    """Make sure that a table's lock exists; outside of a transaction."""
    session.run(
        f"INSERT INTO {_locks(database)} (TABLE_NAME) SELECT %s "  # noqa: S608
        f"WHERE NOT EXISTS (SELECT 1 FROM {_locks(database)} WHERE TABLE_NAME = %s)",
        (table, table),
    )


def take_lock(session: Session, database: str, table: str, load_id: str) -> None:
    """Wait until no other load replaces the table; held to the end of the transaction.

    Deleting from an empty table may lock nothing, and two first loads at once would both insert.
    """
    session.run(
        f"UPDATE {_locks(database)} SET LOAD_ID = %s WHERE TABLE_NAME = %s",  # noqa: S608
        (load_id, table),
    )


def _log(database: str) -> str:
    return quoted(database, SCHEMA, "LOAD_LOG")


def _locks(database: str) -> str:
    return quoted(database, SCHEMA, "LOAD_LOCKS")
