"""One run of the tool: its token, the names of what it makes, and the removal of all of it.

What it makes begins with `ACCEPT_<token>`: schemas in RAW (made by FIVETRAN), TRANSFORM and
ANALYTICS (made by TRANSFORMER), tables in RAW's schema LOADING, rows of the load log, and
candidates. LOADER may make no schema, and the grants that it needs are on the loaders' schemas, so
the loads go to a table in LOADING.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from include import warehouse
from include.loaders.raw import load_log
from include.loaders.raw.identifiers import quoted
from include.publishing.names import CANDIDATES_CONTAINER
from include.publishing.store import Place
from include.sources import RawTable
from tools.acceptance.account import Account
from tools.acceptance.outcomes import Outcome

PREFIX: Final = "ACCEPT"
# The maker of the schemas in each database.
MAKERS: Final[dict[warehouse.Database, str]] = {
    "RAW": "FIVETRAN",
    "TRANSFORM": "TRANSFORMER",
    "ANALYTICS": "TRANSFORMER",
}
# Snowflake's numbers for an object that does not exist, or that the role may not use.
MISSING: Final = (2003, 2043)


@dataclass
class Trial:
    """A run of the checks.

    Attributes:
        token: Names the run; eight hexadecimal digits.
        account: The account under test.
        folder: The run's own folder, which is removed at its end.
        outcomes: The outcomes so far, by the check's name.
        candidates: The files that unloads have written.
    """

    token: str
    account: Account
    folder: Path
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    candidates: list[Place] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """The beginning of every name that the run makes."""
        return f"{PREFIX}_{self.token}"

    @property
    def raw_table(self) -> RawTable:
        """The table that the loads fill."""
        return RawTable(load_log.SCHEMA, f"{self.prefix}_PERMITS")

    @property
    def raw_name(self) -> str:
        """The qualified name of the table that the loads fill."""
        return quoted(warehouse.database("RAW"), self.raw_table.schema, self.raw_table.name)

    @property
    def fivetran_schema(self) -> str:
        """The qualified name of the schema that FIVETRAN makes."""
        return f"{warehouse.database('RAW')}.{self.prefix}"


def new_token() -> str:
    """A token that no other run has."""
    return secrets.token_hex(4).upper()


@contextmanager
def a_trial(token: str) -> Iterator[Trial]:
    """A run; dbt and the pipeline's code use its prefix. Its sessions end with it."""
    with TemporaryDirectory(prefix="acceptance-") as folder:
        account = Account(f"accept_{token}")
        before = os.environ.get("DDRC_SCHEMA_PREFIX")
        os.environ["DDRC_SCHEMA_PREFIX"] = f"{PREFIX}_{token}"
        try:
            yield Trial(token, account, Path(folder))
        finally:
            account.close()
            if before is None:
                del os.environ["DDRC_SCHEMA_PREFIX"]
            else:
                os.environ["DDRC_SCHEMA_PREFIX"] = before


def clean(account: Account, prefix: str, candidates: list[Place]) -> list[str]:
    """Remove what one run, or every run, has made.

    Args:
        account: The account.
        prefix: The beginning of the names: `ACCEPT_<token>`, or `ACCEPT` for every run.
        candidates: The candidates to delete; all that begin with the prefix if there are none.

    Returns:
        A sentence for each thing that could not be removed.
    """
    steps: list[Callable[[], None]] = [
        lambda: _drop_raw_tables(account, prefix),
        lambda: _forget_loads(account, prefix),
        *(lambda kind=kind: _drop_schemas(account, kind, prefix) for kind in MAKERS),
        lambda: _delete_candidates(prefix, candidates),
    ]
    left = []
    for step in steps:
        try:
            step()
        except Exception as error:
            left.append(f"{type(error).__name__}: {' '.join(str(error).split())}")
    return left


def _drop_schemas(account: Account, kind: warehouse.Database, prefix: str) -> None:
    maker, database = MAKERS[kind], warehouse.database(kind)
    if not account.may_log_in(maker):
        return
    # In LIKE, an underscore is any character.
    found = account.table(maker, f"SHOW SCHEMAS LIKE '{prefix}%' IN DATABASE {database}")
    for name in (row["name"] for row in found if row["name"].startswith(f"{prefix}")):
        account.run(maker, f"DROP SCHEMA IF EXISTS {quoted(database, name)}")


def _drop_raw_tables(account: Account, prefix: str) -> None:
    database = warehouse.database("RAW")
    if not account.may_log_in("LOADER"):
        return
    found = account.run(
        "LOADER",
        f"SELECT TABLE_NAME FROM {quoted(database)}.INFORMATION_SCHEMA.TABLES"  # noqa: S608
        " WHERE TABLE_SCHEMA = %s AND STARTSWITH(TABLE_NAME, %s)",
        (load_log.SCHEMA, f"{prefix}_"),
    )
    for (name,) in found:
        account.run("LOADER", f"DROP TABLE IF EXISTS {quoted(database, load_log.SCHEMA, name)}")


def _forget_loads(account: Account, prefix: str) -> None:
    """Delete the rows of the load log and the locks, which belong to the whole environment."""
    if not account.may_log_in("LOADER"):
        return
    from snowflake.connector.errors import ProgrammingError

    database = warehouse.database("RAW")
    for name in ("LOAD_LOG", "LOAD_LOCKS"):
        try:
            account.run(
                "LOADER",
                f"DELETE FROM {quoted(database, load_log.SCHEMA, name)}"  # noqa: S608
                " WHERE STARTSWITH(TABLE_NAME, %s)",
                (f"{database}.{load_log.SCHEMA}.{prefix}_",),
            )
        except ProgrammingError as error:
            # Before the first load there is neither.
            if error.errno not in MISSING:
                raise


def _delete_candidates(prefix: str, candidates: list[Place]) -> None:
    from include.storage import open_store
    from tools.acceptance.unloads import MODELS, has_storage

    if not has_storage():
        return
    store = open_store()
    found = candidates or [
        Place(CANDIDATES_CONTAINER, path)
        for model in MODELS
        for path in store.paths(CANDIDATES_CONTAINER, model)
        if path.startswith(f"{model}/{prefix}_")
    ]
    for place in found:
        store.delete(place)
