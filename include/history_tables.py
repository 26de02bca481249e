"""Tables of the HISTORY schema that tasks append to: published metrics and incidents."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from include import warehouse

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

Connect = Callable[[], "SnowflakeConnection"]


@dataclass(frozen=True)
class HistoryTable:
    """A table in `ANALYTICS_DDRC_{ENV}.HISTORY`.

    Attributes:
        name: The table's name, without database and schema.
        comment: What the table holds.
        columns: For each column its SQL type and its comment. The first column is the key: writing
            a key again replaces its rows.
    """

    name: str
    comment: str
    columns: Mapping[str, tuple[str, str]]

    @property
    def full_name(self) -> str:
        """The qualified name, for example `ANALYTICS_DDRC_PRD.HISTORY.INCIDENT_LOG`."""
        return f"{warehouse.history_schema()}.{self.name}"

    def replace(self, connect: Connect, rows: Sequence[tuple[object, ...]]) -> None:
        """Write rows in one transaction; rows with the same keys are replaced.

        Args:
            connect: Opens a session of a role that may create the table.
            rows: One value per column, in the columns' order.

        Raises:
            snowflake.connector.Error: The warehouse refuses the statement; nothing is written.
        """
        table, key = self.full_name, next(iter(self.columns))
        columns = ", ".join(
            f"{name} {kind} COMMENT '{comment}'" for name, (kind, comment) in self.columns.items()
        )
        marks = ", ".join(["%s"] * len(self.columns))
        with closing(connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {warehouse.history_schema()}")
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {table} ({columns}) COMMENT = '{self.comment}'"
            )
            cursor.execute("BEGIN")
            for value in dict.fromkeys(row[0] for row in rows):
                cursor.execute(f"DELETE FROM {table} WHERE {key} = %s", (value,))  # noqa: S608
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
            cursor.execute("COMMIT")


def timestamp(moment: datetime) -> str:
    """A time with a time zone as text for a `TIMESTAMP_NTZ`, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
