"""Tables of the HISTORY schema that tasks append to: published metrics and incidents."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
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
        key: The columns that identify a row.
        columns: For each column its SQL type and its comment.
    """

    name: str
    comment: str
    key: Sequence[str]
    columns: Mapping[str, tuple[str, str]]

    @property
    def full_name(self) -> str:
        """The qualified name, for example `ANALYTICS_DDRC_PRD.HISTORY.INCIDENT_LOG`."""
        return f"{warehouse.history_schema()}.{self.name}"

    def merge(self, connect: Connect, rows: Sequence[tuple[object, ...]]) -> None:
        """Write rows in one statement; a row with the key of an existing one replaces it.

        One statement, because a session that is killed inside a transaction keeps its lock for
        minutes, and the next run would wait for it.

        Args:
            connect: Opens a session of a role that may create the table.
            rows: One value per column, in the columns' order; no two with the same key.

        Raises:
            snowflake.connector.Error: The warehouse refuses the statement; nothing is written.
        """
        columns = ", ".join(
            f"{name} {kind} COMMENT '{comment}'" for name, (kind, comment) in self.columns.items()
        )
        with closing(connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {warehouse.history_schema()}")
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS {self.full_name} ({columns})"
                f" COMMENT = '{self.comment}'"
            )
            if rows:
                cursor.execute(self._merge_statement(len(rows)), list(chain.from_iterable(rows)))

    def _merge_statement(self, rows: int) -> str:
        names = list(self.columns)
        values = ", ".join([f"({', '.join(['%s'] * len(names))})"] * rows)
        # A value arrives as text or as a number: the cast makes it the column's type.
        given = ", ".join(
            f"column{number}::{kind.removesuffix(' NOT NULL')} AS {name}"
            for number, (name, (kind, _)) in enumerate(self.columns.items(), start=1)
        )
        same = " AND ".join(f"old.{name} = new.{name}" for name in self.key)
        changes = ", ".join(f"{name} = new.{name}" for name in names if name not in self.key)
        return (
            f"MERGE INTO {self.full_name} AS old"  # noqa: S608
            f" USING (SELECT {given} FROM VALUES {values}) AS new ON {same}"
            f" WHEN MATCHED THEN UPDATE SET {changes}"
            f" WHEN NOT MATCHED THEN INSERT ({', '.join(names)})"
            f" VALUES ({', '.join(f'new.{name}' for name in names)})"
        )


def timestamp(moment: datetime) -> str:
    """A time with a time zone as text for a `TIMESTAMP_NTZ`, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
