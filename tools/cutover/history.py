"""Imports the earlier project's daily copies into the snapshots, as states with beginning and end.

The earlier tables hold one whole copy of a source for each day; a snapshot of dbt holds a row for
each state. One `INSERT` for each snapshot adds the states that ended before this project began.
Existing rows stay as they are, and the earlier tables are only read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from include import connections, warehouse
from include.masking import mask_secrets
from include.query_tags import ALL_SOURCES, query_tag
from include.sources import LOADED
from tools.cutover.account import CutoverError
from tools.cutover.history_statement import DAY, MARK, Snapshot, back, snapshots, statement
from tools.cutover.login import refused
from tools.cutover.names import LEGACY

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

Connect = Callable[[], "SnowflakeConnection"]

DONE, FAILED, WRONG_USE = 0, 1, 2
# A copy with fewer rows than this share of the day before may be incomplete.
SHORT: Final = 0.8
# Of a statement, in a message.
LONGEST: Final = 100


@dataclass(frozen=True)
class Import:
    """The import of one table.

    Attributes:
        snapshot: The snapshot.
        statement: The statement that imports its earlier states.
        imported: The states that are imported already.
        days: The number of rows in each day's copy.
    """

    snapshot: Snapshot
    statement: str
    imported: int
    days: Mapping[date, int]


def main(arguments: Sequence[str], connect: Connect | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line's arguments.
        connect: Opens a session of the role TRANSFORMER; by default Airflow's connection.

    Returns:
        0 if all is well, 1 if something failed, 2 for wrong use.
    """
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as ended:
        return WRONG_USE if ended.code else DONE
    try:
        warehouse.environment()
    except warehouse.UnknownEnvironmentError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    try:
        chosen = [one for one in snapshots() if not options.only or one.source in options.only]
        with closing((connect or _connect)()) as connection:
            session = _Session(connection)
            # All are checked before the first is imported.
            imports = [_plan(session, one, options.leave_out) for one in chosen]
            for one in imports:
                for line in _carry_out(session, one, apply=options.apply):
                    print(line)
    except CutoverError as error:
        print(error, file=sys.stderr)
        return FAILED
    if not options.apply:
        print("-- Nothing was changed. Add --apply to do it.")
    return DONE


def _plan(session: _Session, snapshot: Snapshot, left_out: Sequence[date]) -> Import:
    """Read what the import of one table needs.

    Raises:
        CutoverError: A table is missing or cannot be read.
    """
    raw, history = warehouse.database("RAW"), warehouse.history_schema()
    earlier = session.columns(f"{raw}.{snapshot.schema}{LEGACY}", snapshot.table)
    if not earlier:
        raise CutoverError(
            f"There is no {snapshot.earlier}, or TRANSFORMER_DDRC_{warehouse.environment()} may not"
            " read it; nothing was imported. Run `rename` and Terraform first, or choose other"
            " sources with --only."
        )
    table = session.columns(f"{raw}.{snapshot.schema}", snapshot.table)
    columns = session.columns(history, snapshot.name.upper())
    own, imported = session.counts(snapshot) if columns else (0, 0)
    if not table or not own:
        raise CutoverError(
            f"{snapshot.full_name} has no state of this project, and the imported history ends"
            f" where it begins; nothing was imported. Run the DAGs {snapshot.source} and"
            " keep_history first."
        )
    sql = statement(snapshot, earlier, table, list(columns), left_out)
    return Import(snapshot, sql, imported, session.days(snapshot))


def _carry_out(session: _Session, one: Import, *, apply: bool) -> Iterator[str]:
    """Import one table; the lines to print."""
    yield from _described(one)
    if one.imported:
        yield f"-- {one.snapshot.name} has {one.imported:,} imported states: nothing to do."
        return
    yield f"{one.statement};"
    yield f"--   back: {back(one.snapshot)};"
    if apply:
        [(count,)] = session.run(one.statement)
        yield f"--   done: {count:,} states"


def _described(one: Import) -> Iterator[str]:
    """The copies, for a person to see whether some are incomplete."""
    if not one.days:
        yield f"-- {one.snapshot.earlier} is empty."
        return
    yield (
        f"-- {one.snapshot.earlier}: {len(one.days)} copies from {min(one.days)} to"
        f" {max(one.days)}, {min(one.days.values()):,} to {max(one.days.values()):,} rows each."
    )
    for (_, before), (day, count) in pairwise(one.days.items()):
        if count < before * SHORT:
            yield (
                f"--   {day}: {count:,} rows after {before:,}. If this copy is incomplete, leave"
                f" it out: --only {one.snapshot.source} --leave-out {day}"
            )


@dataclass(frozen=True)
class _Session:
    connection: SnowflakeConnection

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        from snowflake.connector.errors import Error

        with closing(self.connection.cursor()) as cursor:
            try:
                rows: list[tuple[Any, ...]] = cursor.execute(sql).fetchall()
            except Error as error:
                raise refused(_short(sql), error) from error
        return rows

    def columns(self, schema: str, table: str) -> dict[str, str]:
        """A table's columns in their order, with their types; empty if there is none to see."""
        database, _, name = schema.partition(".")
        rows = self.run(
            f"SELECT COLUMN_NAME, DATA_TYPE FROM {database}.INFORMATION_SCHEMA.COLUMNS"  # noqa: S608
            f" WHERE TABLE_SCHEMA = '{name}' AND TABLE_NAME = '{table}'"
            " ORDER BY ORDINAL_POSITION"
        )
        return dict(rows)

    def counts(self, snapshot: Snapshot) -> tuple[int, int]:
        """The states of this project, and the imported ones."""
        [(own, imported)] = self.run(
            f"SELECT COUNT_IF(NOT STARTSWITH(COALESCE(LOAD_ID, ''), '{MARK}')),"  # noqa: S608
            f" COUNT_IF(STARTSWITH(LOAD_ID, '{MARK}')) FROM {snapshot.full_name}"
        )
        return own, imported

    def days(self, snapshot: Snapshot) -> dict[date, int]:
        """The number of rows in each day's copy, by day."""
        rows = self.run(
            f'SELECT "{DAY}", COUNT(*) FROM {snapshot.earlier}'  # noqa: S608
            f' WHERE "{DAY}" IS NOT NULL GROUP BY 1 ORDER BY 1'
        )
        return dict(rows)


def _short(sql: str) -> str:
    """The beginning of a statement, without its comments, in one line."""
    code = " ".join(line.strip() for line in sql.splitlines() if not line.startswith("--"))
    return code if len(code) < LONGEST else f"{code[:LONGEST]}…"


def _connect() -> SnowflakeConnection:
    """A session of Airflow's user of the role TRANSFORMER, which owns the snapshots."""
    from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook

    hook = SnowflakeHook(
        snowflake_conn_id=connections.TRANSFORMER,
        warehouse=warehouse.compute("TRANSFORMING"),
        session_parameters={"QUERY_TAG": query_tag("cutover", ALL_SOURCES)},
    )
    try:
        return hook.get_conn()
    except Exception as error:
        # The libraries raise many classes: no such connection, no key, no answer.
        reason = mask_secrets(str(error)).strip().partition("\n")[0][:200]
        raise CutoverError(
            f"The connection {connections.TRANSFORMER} cannot be used:"
            f" {type(error).__name__}: {reason}"
        ) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.cutover history",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=sorted(LOADED),
        help="a source; can be given several times; all by default",
    )
    parser.add_argument(
        "--leave-out",
        action="append",
        default=[],
        type=date.fromisoformat,
        metavar="DATE",
        help="a day whose copy is incomplete, for example 2025-05-03; can be given several times",
    )
    parser.add_argument("--apply", action="store_true", help="do it; without it, only print")
    return parser
