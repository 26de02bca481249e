"""The emulated account's databases: DuckDB files that are attached again at every start."""

from contextlib import suppress
from pathlib import Path
from threading import Lock

import duckdb
from fakesnow import info_schema, macros
from fakesnow.instance import GLOBAL_DATABASE_NAME
from fakesnow.transforms import show, stage

from local.snowflake import duckdb_macros

SUFFIX = ".db"
# fakesnow's own transpiled SQL needs it; see the constructor of fakesnow.instance.FakeSnow.
DUCKDB_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "lambda_syntax": "ENABLE_SINGLE_ARROW"
}
TEMPORARY_STAGES = (
    f"DELETE FROM {GLOBAL_DATABASE_NAME}._fs_information_schema._fs_stages "  # noqa: S608
    "WHERE type LIKE '%TEMPORARY%'"
)


class Engine:
    """One DuckDB process with every database of a folder attached.

    Stages, file formats, table comments and text lengths belong to no one database: fakesnow
    keeps them in a database of its own, which is a file here too, so they outlive a restart. The
    files of internal stages lie beside the databases.

    Attributes:
        folder: Where the database files lie.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = Lock()
        self._root = duckdb.connect(":memory:", config=DUCKDB_CONFIG)
        self._root.execute("SET GLOBAL TimeZone = 'UTC'")
        self._attach(GLOBAL_DATABASE_NAME)
        self._root.execute(info_schema.fs_global_creation_sql())
        self._root.execute(show.fs_global_creation_sql())
        self._root.execute(duckdb_macros.MACROS)
        # A session without a current database looks for fakesnow's macros here.
        self._root.execute(macros.creation_sql("memory"))
        # A temporary stage ends with its session, and no session outlives the server.
        self._root.execute(TEMPORARY_STAGES)
        for name in self.databases():
            self._attach(name)
            self._prepare(name)
        self._keep_internal_stages()

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection of a session's own: its transactions and schema are its own."""
        with self._lock:
            return self._root.cursor()

    def databases(self) -> list[str]:
        """The databases' names, sorted."""
        names = (file.stem for file in self.folder.glob(f"*{SUFFIX}"))
        return sorted(name for name in names if name != GLOBAL_DATABASE_NAME)

    def create(self, name: str) -> None:
        """Make an empty database with a schema PUBLIC."""
        with self._lock:
            self._attach(name)
            self._prepare(name)
            self._root.execute(f'CREATE SCHEMA "{name}"."PUBLIC"')

    def drop(self, name: str) -> None:
        """Forget a database and delete its files."""
        with self._lock:
            self._root.execute(f'DETACH "{name}"')
            for suffix in (SUFFIX, f"{SUFFIX}.wal"):
                (self.folder / f"{name}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Write everything to the files and let go of them."""
        self._root.close()

    def _attach(self, name: str) -> None:
        path = str(self.folder / f"{name}{SUFFIX}").replace("'", "''")
        self._root.execute(f"ATTACH '{path}' AS \"{name}\"")

    def _prepare(self, name: str) -> None:
        self._root.execute(info_schema.per_db_creation_sql(name))
        self._root.execute(macros.creation_sql(name))
        self._root.execute(duckdb_macros.object_construct_star(name))

    def _keep_internal_stages(self) -> None:
        """Put fakesnow's stage files beside the databases instead of into a temporary folder."""
        folder = self.folder / "stages"
        folder.mkdir(exist_ok=True)
        with suppress(OSError):
            Path(stage.LOCAL_BUCKET_PATH).rmdir()
        stage.LOCAL_BUCKET_PATH = str(folder)
