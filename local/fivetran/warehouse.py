"""Writes a sync's rows to Snowflake, through the standard connector."""

import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import snowflake.connector
from snowflake.connector.cursor import SnowflakeCursor

from include.warehouse import compute, environment
from local.fivetran import statements
from local.fivetran.extract import DELETED
from local.fivetran.statements import Sync

# Without a limit, the connector retries a request with status 500 forever.
TIMEOUT_SECONDS = 60


def fivetran_name() -> str:
    """The name of Fivetran's user, and of its role, as Terraform names both."""
    return f"FIVETRAN_DDRC_{environment()}"


@dataclass(frozen=True)
class Destination:
    """A Snowflake account and the database of the raw tables.

    Attributes:
        host: The account's host.
        port: Its port, with TLS.
        private_key: A PKCS#8 DER key, for key-pair authentication.
        database: The raw database, for example `RAW_DDRC_DEV`.
        user: The user to log in as.
        role: The role that owns the raw tables.
    """

    host: str
    port: int
    private_key: bytes = field(repr=False)
    database: str
    user: str = field(default_factory=fivetran_name)
    role: str = field(default_factory=fivetran_name)

    def land(self, sync: Sync, before_commit: Callable[[], None]) -> None:
        """Write the rows of a sync in one transaction.

        Args:
            sync: The sync.
            before_commit: Called when all rows are written; if it raises, they are rolled back.

        Raises:
            snowflake.connector.Error: A statement failed; the table is unchanged.
        """
        with self._connect() as connection, connection.cursor() as cursor:
            try:
                self._stage(cursor, sync)
                existing = self._columns(cursor, sync)
                _run(cursor, statements.prepare(sync, existing))
                try:
                    _run(cursor, ["BEGIN", *statements.merge(sync)])
                    before_commit()
                    cursor.execute("COMMIT")
                except BaseException:
                    cursor.execute("ROLLBACK")
                    # A failed first sync leaves no empty table.
                    _run(cursor, [] if existing else [f"DROP TABLE {sync.table}"])
                    raise
            finally:
                _run(cursor, statements.clean_up(sync))

    def _connect(self) -> snowflake.connector.SnowflakeConnection:
        return snowflake.connector.connect(
            account="local",
            user=self.user,
            role=self.role,
            warehouse=compute("LOADING"),
            private_key=self.private_key,
            host=self.host,
            port=self.port,
            database=self.database,
            login_timeout=TIMEOUT_SECONDS,
            network_timeout=TIMEOUT_SECONDS,
        )

    @staticmethod
    def _stage(cursor: SnowflakeCursor, sync: Sync) -> None:
        texts = {
            name: pa.array(
                [_text(_value(row, name), type_) for row in sync.extract.rows], pa.string()
            )
            for name, type_ in sync.compared.items()
        }
        with tempfile.TemporaryDirectory(prefix="fivetran-") as folder:
            file = Path(folder, f"{sync.connector.id}.parquet")
            pq.write_table(pa.table(texts), file)
            _run(cursor, statements.stage(sync, file.as_uri()))

    @staticmethod
    def _columns(cursor: SnowflakeCursor, sync: Sync) -> list[str]:
        cursor.execute(
            f'SELECT COLUMN_NAME FROM "{sync.database}".INFORMATION_SCHEMA.COLUMNS'  # noqa: S608
            " WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
            (sync.extract.schema, sync.extract.table),
        )
        return [name for (name,) in cursor.fetchall()]


def _run(cursor: SnowflakeCursor, several: Iterable[str]) -> None:
    for statement in several:
        cursor.execute(statement)


def _value(row: dict[str, Any], name: str) -> object:
    """A row's value; a row without a value of `DELETED` is not deleted."""
    return bool(row.get(name)) if name == DELETED else row.get(name)


def _text(value: object, type_: str) -> str | None:
    """A value as text that can be cast to its column's type."""
    if value is None or (isinstance(value, str) and type_ != "VARIANT"):
        return value
    return json.dumps(value, separators=(",", ":"))
