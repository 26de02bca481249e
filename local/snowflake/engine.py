"""The emulated account's databases: DuckDB files that are attached again at every start."""

from pathlib import Path

import duckdb
from fakesnow import info_schema, macros
from fakesnow.instance import GLOBAL_DATABASE_NAME
from fakesnow.transforms import show, stage

SUFFIX = ".db"
# fakesnow's own transpiled SQL needs it; see the constructor of fakesnow.instance.FakeSnow.
DUCKDB_CONFIG = {"lambda_syntax": "ENABLE_SINGLE_ARROW"}


class Engine:
    """One DuckDB process with every database of a folder attached.

    Stages, file formats, table comments and text lengths belong to no one database: fakesnow
    keeps them in a database of its own, which is a file here too. The files of internal stages
    lie beside the databases.

    Attributes:
        folder: Where the database files lie.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._root = duckdb.connect(":memory:", config=DUCKDB_CONFIG)
        self._root.execute("SET GLOBAL TimeZone = 'UTC'")
        self._attach(GLOBAL_DATABASE_NAME)
        self._root.execute(info_schema.fs_global_creation_sql())
        self._root.execute(show.fs_global_creation_sql())
        self._forget_temporary_stages()
        for file in sorted(folder.glob(f"*{SUFFIX}")):
            if file.stem != GLOBAL_DATABASE_NAME:
                self._attach(file.stem)
                self._root.execute(info_schema.per_db_creation_sql(file.stem))
                self._root.execute(macros.creation_sql(file.stem))
        stage.LOCAL_BUCKET_PATH = str(self.stage_folder())

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection of a session's own: its transactions and schema are its own."""
        return self._root.cursor()

    def databases(self) -> list[str]:
        """The attached databases' names, sorted."""
        return sorted(
            file.stem
            for file in self.folder.glob(f"*{SUFFIX}")
            if file.stem != GLOBAL_DATABASE_NAME
        )

    def stage_folder(self) -> Path:
        """Where the files of internal stages lie."""
        folder = self.folder / "stages"
        folder.mkdir(exist_ok=True)
        return folder

    def remove_files(self, database: str) -> None:
        """Delete a dropped database's files, or a restart would attach it again."""
        for suffix in (SUFFIX, f"{SUFFIX}.wal"):
            (self.folder / f"{database}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Write everything to the files and let go of them."""
        self._root.close()

    def _attach(self, database: str) -> None:
        path = str(self.folder / f"{database}{SUFFIX}").replace("'", "''")
        self._root.execute(f"ATTACH '{path}' AS \"{database}\"")

    def _forget_temporary_stages(self) -> None:
        """A temporary stage ends with its session, and no session outlives the server."""
        self._root.execute(
            f"DELETE FROM {GLOBAL_DATABASE_NAME}._fs_information_schema._fs_stages "  # noqa: S608
            "WHERE type LIKE '%TEMPORARY%'"
        )
