"""The emulated account's databases: DuckDB files that are attached at every start."""

from pathlib import Path
from threading import Lock

import duckdb
from fakesnow import info_schema, macros
from fakesnow.instance import GLOBAL_DATABASE_NAME
from fakesnow.transforms import show

from local.snowflake import duckdb_macros, geography, stages
from local.snowflake.sql import escaped, quoted

SUFFIX = ".db"
# fakesnow's translated SQL needs these settings; see the constructor of fakesnow.instance.FakeSnow.
DUCKDB_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "lambda_syntax": "ENABLE_SINGLE_ARROW"
}


class Engine:
    """DuckDB with every database of a folder attached.

    fakesnow stores stages, file formats, table comments and text lengths in a database of its own.
    Here that database is a file too, so they survive a restart. The files of internal stages are
    beside the databases.

    Attributes:
        folder: The folder of the database files.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = Lock()
        self._root = duckdb.connect(":memory:", config=DUCKDB_CONFIG)
        self._root.execute("SET GLOBAL TimeZone = 'UTC'")
        # A division by zero is an error, as in Snowflake.
        self._root.execute("SET GLOBAL ieee_floating_point_ops = false")
        self._attach(GLOBAL_DATABASE_NAME)
        self._root.execute(info_schema.fs_global_creation_sql())
        self._root.execute(stages.ADD_FILE_FORMATS)
        self._root.execute(show.fs_global_creation_sql())
        self._root.execute(duckdb_macros.MACROS)
        geography.add_to(self._root)
        # A session without a current database finds fakesnow's macros here.
        self._root.execute(macros.creation_sql("memory"))
        self._root.execute(duckdb_macros.of_fakesnow("memory"))
        # Temporary stages end with their sessions, and no session survives the server.
        stages.forget_temporary(self._root)
        for name in self.databases():
            self._attach(name)
            self._prepare(name)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A new DuckDB connection, with its own transactions and current schema."""
        with self._lock:
            return self._root.cursor()

    def databases(self) -> list[str]:
        """The databases' names, sorted."""
        names = (file.stem for file in self.folder.glob(f"*{SUFFIX}"))
        return sorted(name for name in names if name != GLOBAL_DATABASE_NAME)

    def create(self, name: str) -> None:
        """Create an empty database with a schema PUBLIC."""
        with self._lock:
            self._attach(name)
            self._prepare(name)
            self._root.execute(f"CREATE SCHEMA {quoted(name, 'PUBLIC')}")

    def drop(self, name: str) -> None:
        """Drop a database and delete its files."""
        with self._lock:
            self._root.execute(f"DETACH {quoted(name)}")
            for suffix in (SUFFIX, f"{SUFFIX}.wal"):
                (self.folder / f"{name}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Write everything to the files and close them."""
        self._root.close()

    def _attach(self, name: str) -> None:
        path = escaped(str(self.folder / f"{name}{SUFFIX}"))
        self._root.execute(f"ATTACH '{path}' AS {quoted(name)}")

    def _prepare(self, name: str) -> None:
        self._root.execute(info_schema.per_db_creation_sql(name))
        self._root.execute(macros.creation_sql(name))
        self._root.execute(duckdb_macros.of_fakesnow(name))
