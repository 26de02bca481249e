"""A raw table in the emulated warehouse, and loads into it."""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from include.loaders import LoadOptions, LoadReport, Origin, load_table
from include.sources import ArcgisLayer, Expectations, JsonField, JsonList, RawTable
from tests.loaders.layer import PATH

BEGAN = datetime(2025, 8, 22, 8, 0, tzinfo=UTC)
MINUTE = 60.0
DEFAULT_EXPECTATIONS = Expectations()


def patient(waits: list[float] | None = None, **options: object) -> LoadOptions:
    """Options that retry for a minute without waiting; `waits` gets the seconds of every wait."""
    slept: list[float] = [] if waits is None else waits
    usual = LoadOptions(retry_seconds=MINUTE, now=lambda: BEGAN, sleep=slept.append)
    return replace(usual, **options)  # type: ignore[arg-type]


@dataclass
class Warehouse:
    """One raw table; its loads share a session."""

    connection: Any
    database: str
    table: RawTable
    url: str
    numbers: Any

    def load(
        self,
        options: LoadOptions | None = None,
        *,
        required: tuple[str, ...] = (),
        expects: Expectations = DEFAULT_EXPECTATIONS,
        load_id: str = "",
    ) -> LoadReport:
        """Load the layer at `url`."""
        layer = ArcgisLayer(
            "parcels", self.url + PATH, "OBJECTID", self.table, required=required, expects=expects
        )
        return self._load(layer, options, load_id)

    def load_list(
        self, fields: tuple[JsonField, ...], options: LoadOptions | None = None
    ) -> LoadReport:
        """Load the JSON list at `url`."""
        source = JsonList("permits", f"{self.url}/list", self.table, fields)
        return self._load(source, options)

    def rows(self, columns: str = "*", where: str = "") -> list[tuple[Any, ...]]:
        """The table's rows, in the order of the first of the columns."""
        name = f'"{self.table.schema}"."{self.table.name}"'
        return self.run(f"SELECT {columns} FROM {self.database}.{name} {where} ORDER BY 1")

    def ids(self) -> list[int]:
        """The object ids in the table."""
        return [number for (number,) in self.rows("OBJECTID")]

    def load_ids(self) -> set[str]:
        """The ids of the loads that the table's rows come from."""
        return {load_id for (load_id,) in self.rows("_LOAD_ID")}

    def log(self, columns: str = "OUTCOME, ROW_COUNT, REASON") -> list[tuple[Any, ...]]:
        """The table's rows in the load log."""
        name = f"{self.database}.{self.table.schema}.{self.table.name}"
        return self.run(
            f"SELECT {columns} FROM {self.database}.LOADING.LOAD_LOG "
            f"WHERE TABLE_NAME = '{name}' ORDER BY LOAD_ID"
        )

    def columns(self) -> set[tuple[str, str]]:
        """The table's columns and their types."""
        rows = self.run(
            f"SELECT COLUMN_NAME, DATA_TYPE FROM {self.database}.INFORMATION_SCHEMA.COLUMNS "
            f"WHERE TABLE_SCHEMA = '{self.table.schema}'"
        )
        return {(name, kind) for name, kind in rows}

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement; returns its rows."""
        rows: list[tuple[Any, ...]] = self.connection.cursor().execute(sql).fetchall()
        return rows

    def _load(
        self,
        source: ArcgisLayer | JsonList,
        options: LoadOptions | None,
        load_id: str = "",
    ) -> LoadReport:
        return load_table(
            source,
            connect=lambda: nullcontext(self.connection),
            database=self.database,
            load_id=load_id or f"run {next(self.numbers):03}",
            origin=Origin(base_url=self.url),
            options=options or patient(),
        )


def new_warehouse(connection: Any, database: str, schema: str, url: str) -> Warehouse:
    """A table that does not exist yet, in a schema of its own."""
    return Warehouse(connection, database, RawTable(schema, "PARCELS"), url, count(1))
