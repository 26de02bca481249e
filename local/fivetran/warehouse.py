"""Where the emulated Fivetran lands rows: Snowflake, through the stock connector."""

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

from local.fivetran import statements
from local.fivetran.extract import DELETED
from local.fivetran.statements import Sync

# The stock connector repeats a request that answers 500 for as long as it is let.
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Destination:
    """A Snowflake account and the database that raw tables go to.

    Attributes:
        host: The account's host; TLS is verified as the connector always does.
        port: Its port.
        private_key: A PKCS#8 DER key, for key-pair authentication.
        database: The raw database, for example `RAW_DDRC_DEV`.
    """

    host: str
    port: int
    private_key: bytes = field(repr=False)
    database: str
    user: str = "FIVETRAN"
    role: str = "FIVETRAN"

    def land(self, sync: Sync, before_commit: Callable[[], None]) -> None:
        """Land one sync in one transaction.

        Args:
            sync: What to land.
            before_commit: Called when all rows are written; what it raises undoes them.

        Raises:
            snowflake.connector.Error: the warehouse refused; the table is as it was.
        """
        with self._connect() as connection, connection.cursor() as cursor:
            try:
                self._stage(cursor, sync)
                existing = self._columns(cursor, sync)
                _run(cursor, statements.prepare(sync, existing))
                try:
                    _run(cursor, ["BEGIN", *statements.change(sync)])
                    before_commit()
                    cursor.execute("COMMIT")
                except BaseException:
                    cursor.execute("ROLLBACK")
                    # A table that this sync made is not left behind empty.
                    _run(cursor, [] if existing else [f"DROP TABLE {sync.table}"])
                    raise
            finally:
                _run(cursor, statements.clean_up(sync))

    def _connect(self) -> snowflake.connector.SnowflakeConnection:
        return snowflake.connector.connect(
            account="local",
            user=self.user,
            role=self.role,
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
    """A row's value; a row that says nothing of being deleted is not."""
    return bool(row.get(name)) if name == DELETED else row.get(name)


def _text(value: object, type_: str) -> str | None:
    """A value as the text that its column's type is cast from."""
    if value is None or (isinstance(value, str) and type_ != "VARIANT"):
        return value
    return json.dumps(value, separators=(",", ":"))
