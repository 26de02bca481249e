# ruff: noqa: S608 - `extract` checks the names when it reads the data; the values are not input.
"""The SQL of one sync: stage the rows, then change the table as Fivetran does."""

from collections.abc import Iterable
from dataclasses import dataclass

from local.fivetran.connectors import Connector
from local.fivetran.extract import DELETED, SYNCED, Extract

STAGING_SCHEMA = "FIVETRAN_STAGING"


@dataclass(frozen=True)
class Sync:
    """One sync: its data, table and time.

    Attributes:
        database: The raw database.
        connector: The connector.
        extract: The source's data.
        synced_at: The sync's time, ISO 8601.
        historical: Whether every row counts as new, as in a historical re-sync.
    """

    database: str
    connector: Connector
    extract: Extract
    synced_at: str
    historical: bool

    @property
    def columns(self) -> dict[str, str]:
        """The types of the columns by name, with those that Fivetran adds."""
        deleted = {DELETED: "BOOLEAN"} if self.connector.keeps_deleted else {}
        return {**self.extract.columns, **deleted, SYNCED: "TIMESTAMP_TZ"}

    @property
    def compared(self) -> dict[str, str]:
        """The columns that decide whether a row has changed: all but the sync's time."""
        return {name: type_ for name, type_ in self.columns.items() if name != SYNCED}

    @property
    def schema(self) -> str:
        """The qualified name of the schema."""
        return f'"{self.database}"."{self.extract.schema}"'

    @property
    def table(self) -> str:
        """The qualified name of the table."""
        return f'{self.schema}."{self.extract.table}"'

    def staging(self, name: str) -> str:
        """The qualified name of one of this connector's objects in the staging schema."""
        return f'"{self.database}".{STAGING_SCHEMA}.{self.connector.id.upper()}_{name}'


def stage(sync: Sync, file_url: str) -> list[str]:
    """Statements that upload the Parquet file of texts at `file_url` and cast its columns.

    A value that does not fit its column's type fails here, before the table is changed.
    """
    texts = ", ".join(f'"{name}" VARCHAR' for name in sync.compared)
    typed = ", ".join(f'{_cast(name, type_)} AS "{name}"' for name, type_ in sync.compared.items())
    return [
        f'CREATE SCHEMA IF NOT EXISTS "{sync.database}".{STAGING_SCHEMA}',
        f'USE SCHEMA "{sync.database}".{STAGING_SCHEMA}',
        f"CREATE OR REPLACE TEMPORARY STAGE {sync.staging('FILES')}",
        f"PUT '{file_url}' @{sync.staging('FILES')} AUTO_COMPRESS = FALSE",
        f"CREATE OR REPLACE TABLE {sync.staging('TEXTS')} ({texts})",
        f"COPY INTO {sync.staging('TEXTS')} FROM @{sync.staging('FILES')}"
        " FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE",
        f"CREATE OR REPLACE TABLE {sync.staging('ROWS')} AS"
        f" SELECT {typed} FROM {sync.staging('TEXTS')}",
    ]


def prepare(sync: Sync, existing: Iterable[str]) -> list[str]:
    """Statements that create the table, or add the columns that are not in `existing`."""
    present = set(existing)
    if not present:
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in sync.columns.items())
        return [
            f"CREATE SCHEMA IF NOT EXISTS {sync.schema}",
            f"CREATE TABLE {sync.table} ({columns})",
        ]
    return [
        f'ALTER TABLE {sync.table} ADD COLUMN "{name}" {type_}'
        for name, type_ in sync.columns.items()
        if name not in present
    ]


def merge(sync: Sync) -> list[str]:
    """Statements that merge the staged rows; unchanged rows keep the time of their sync."""
    key = f'"{sync.connector.key}"'
    rows = sync.staging("ROWS")
    synced = f"'{sync.synced_at}'::TIMESTAMP_TZ"
    gone = f"WHERE {key} NOT IN (SELECT {key} FROM {rows})"
    differs = " OR ".join(_differs(name, type_) for name, type_ in sync.compared.items())
    names = ", ".join(f'"{name}"' for name in sync.compared)
    delete_gone = (
        f'UPDATE {sync.table} SET "{DELETED}" = TRUE, "{SYNCED}" = {synced}'
        f' {gone} AND NOT COALESCE("{DELETED}", FALSE)'
        if sync.connector.keeps_deleted
        else f"DELETE FROM {sync.table} {gone}"
    )
    return [
        f"DELETE FROM {sync.table} AS t USING {rows} AS s"
        f" WHERE t.{key} = s.{key} AND ({'TRUE' if sync.historical else differs})",
        delete_gone,
        f'INSERT INTO {sync.table} ({names}, "{SYNCED}") SELECT {names}, {synced} FROM {rows}'
        f" WHERE {key} NOT IN (SELECT {key} FROM {sync.table})",
    ]


def clean_up(sync: Sync) -> list[str]:
    """Statements that drop the tables of `stage`."""
    return [f"DROP TABLE IF EXISTS {sync.staging(name)}" for name in ("TEXTS", "ROWS")]


def _cast(name: str, type_: str) -> str:
    return f'PARSE_JSON("{name}")' if type_ == "VARIANT" else f'"{name}"::{type_}'


def _differs(name: str, type_: str) -> str:
    if type_ == "VARIANT":
        return f'TO_JSON(t."{name}") IS DISTINCT FROM TO_JSON(s."{name}")'
    return f't."{name}" IS DISTINCT FROM s."{name}"'
