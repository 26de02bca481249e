"""Loads through the loader's own code: whole, failed, killed, two at once, and not needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryFile
from threading import Event, Thread
from time import monotonic
from typing import Any

import pyarrow as pa

from include import warehouse
from include.loaders import LoadError, LoadOptions, LoadReport, Origin
from include.loaders.load import Load
from include.loaders.parquet import ParquetSink
from include.loaders.raw.identifiers import quoted
from include.sources import ArcgisLayer, Expectations
from include.times import naive_utc
from tools.acceptance import rows
from tools.acceptance.outcomes import CheckFailedError, expect
from tools.acceptance.recording import Before, send
from tools.acceptance.trial import Trial

EDITED_AT = datetime(2026, 11, 19, 5, 30, 0, 123_456, UTC)
# The statement before which a load is made to fail or is killed: the last one of its transaction.
LAST_STATEMENT = "COMMIT"
CHILD_SECONDS = 120
# How long two loads may take, one after the other.
TWO_LOADS_SECONDS = 240
# Small enough for the rows to fill two files.
_ROWS_A_FILE = 3


class InterruptedOnPurposeError(Exception):
    """The connection is lost before a statement."""


def load_rows(
    trial: Trial,
    batch: pa.RecordBatch,
    load_id: str,
    *,
    before: Before = send,
    edited_at: datetime | None = EDITED_AT,
    options: LoadOptions | None = None,
) -> LoadReport:
    """Replace the run's raw table by rows, as a load of a source does after it has read them.

    Args:
        trial: The run.
        batch: The rows.
        load_id: The load's name.
        before: Called with each statement before it is sent.
        edited_at: The source's declared last edit.
        options: The load's settings.
    """
    part = ArcgisLayer(
        name="acceptance",
        url="https://acceptance.invalid/0",
        key="PERMIT_NUMBER",
        table=trial.raw_table,
        expects=Expectations(rows=1, share=0.0),
    )
    load = Load(
        part,
        connect=lambda: closing(trial.account.connect("LOADER", before=before)),
        database=warehouse.database("RAW"),
        load_id=load_id,
        origin=Origin(),
        options=replace(options or LoadOptions(), concurrency=1),
    )
    load.sink = ParquetSink(TemporaryFile, part_bytes=1, group_rows=_ROWS_A_FILE)

    def read(_client: object) -> None:
        load.begin(batch.schema, edited_at)
        load.write(batch)

    return load.run(read)


def load(trial: Trial) -> str:
    """`load`: two files of rows arrive with every value as it was, and TRANSFORMER reads them."""
    puts: list[str] = []
    batch = rows.permits()

    def count(sql: str) -> None:
        if sql.startswith("PUT"):
            puts.append(sql)

    report = load_rows(trial, batch, f"{trial.prefix}_1", before=count)
    expect(report.outcome == "loaded", f"The load ended as {report.outcome}: {report.reason}.")
    expect(len(puts) > 1, f"The rows went in {len(puts)} file; two were expected.")
    added = {
        "_LOADED_AT": naive_utc(report.loaded_at),
        "_SOURCE_EDITED_AT": naive_utc(EDITED_AT),
        "_LOAD_ID": report.load_id,
    }
    names = ", ".join(quoted(name) for name in (*batch.schema.names, *added))
    found = trial.account.run(
        "TRANSFORMER",
        f"SELECT {names} FROM {trial.raw_name} ORDER BY PERMIT_NUMBER",  # noqa: S608
    )
    wanted = [(*row.values(), *added.values()) for row in batch.to_pylist()]
    expect(
        len(found) == len(wanted), f"{len(wanted)} rows were loaded, and {len(found)} are there."
    )
    wrong = [
        f"{name} of {now[0]} is {_plain(now[at])!r}, not {was[at]!r}"
        for was, now in zip(wanted, found, strict=True)
        for at, name in enumerate((*batch.schema.names, *added))
        if _plain(now[at]) != was[at]
    ]
    expect(not wrong, f"{len(wrong)} values changed on the way: {'; '.join(wrong[:3])}.")
    return (
        f"{len(wanted)} rows of {len(batch.schema.names)} columns in {len(puts)} files: binary,"
        " null, microseconds and 64-bit numbers are as they were."
    )


def load_fails(trial: Trial) -> str:
    """`load_fails`: a load that fails before its commit leaves the old rows, and is in the log."""
    old = _content(trial)
    for at in (f"INSERT INTO {trial.raw_name}", LAST_STATEMENT):
        load_id = f"{trial.prefix}_FAILS_{at.split()[0]}"
        try:
            load_rows(trial, rows.permits(("Issued",)), load_id, before=_interrupt_once(at))
        except LoadError:
            pass
        else:
            raise CheckFailedError(f"The load did not fail, although {at} was never sent.")
        expect(_content(trial) == old, f"After a failure before {at}, the old rows are gone.")
        logged = _outcomes(trial, load_id)
        expect(logged == ["transient failure"], f"The load log has {logged} for a failed load.")
    return f"The {len(old)} old rows are there after a failure inside and at the end."


def load_killed(trial: Trial) -> str:
    """`load_killed`: a load whose process is killed leaves the old rows; the next one runs.

    Snowflake ends the transaction of a lost client only when another waits for its lock, after five
    idle minutes; its user may end it at once:
    https://docs.snowflake.com/en/sql-reference/transactions#aborting-transactions
    """
    old = _content(trial)
    command = [sys.executable, "-m", "tools.acceptance.killed", trial.token, LAST_STATEMENT]
    child = subprocess.run(
        command,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=CHILD_SECONDS,
        check=False,
    )
    last = (child.stderr.strip().splitlines() or [""])[-1]
    expect(
        child.returncode == -SIGKILL,
        f"The process was not killed before {LAST_STATEMENT}, it ended by itself: {last}",
    )
    expect(_content(trial) == old, "After a load was killed, the old rows are gone.")
    session = child.stdout.split()[-1]
    open_ones = trial.account.table("LOADER", "SHOW TRANSACTIONS")
    mine = [row["id"] for row in open_ones if str(row["session"]) == session]
    for transaction in mine:
        trial.account.run("LOADER", f"SELECT SYSTEM$ABORT_TRANSACTION({int(transaction)})")
    began = monotonic()
    load_rows(trial, rows.permits(), f"{trial.prefix}_AFTER_KILL")
    waited = monotonic() - began
    ended = f"its transaction {mine[0]} was aborted" if mine else "Snowflake had ended it"
    return f"The {len(old)} old rows are there; {ended}, and the next load took {waited:.1f} s."


def load_twice(trial: Trial) -> str:
    """`load_twice`: of two loads at once, a reader sees one whole load or the other."""
    sizes = {f"{trial.prefix}_A": 4, f"{trial.prefix}_B": 2}
    seen_by_reader, errors = Event(), list[BaseException]()

    def run(load_id: str) -> Callable[[], None]:
        def load_one() -> None:
            try:
                batch = rows.permits(rows.STATUSES[: sizes[load_id]])
                load_rows(trial, batch, load_id, before=_wait_at_the_end(seen_by_reader))
            except BaseException as error:
                errors.append(error)

        return load_one

    [(first, size)] = _loads_in_table(trial)
    sizes[first] = size
    loads = [Thread(target=run(load_id)) for load_id in sizes if load_id != first]
    for one in loads:
        one.start()
    views: list[list[tuple[str, int]]] = []
    deadline = monotonic() + TWO_LOADS_SECONDS
    while any(one.is_alive() for one in loads) and monotonic() < deadline:
        views.append(_loads_in_table(trial))
        seen_by_reader.set()
        loads[0].join(0.05)
    # A load that waits must not outlast the check.
    seen_by_reader.set()
    for one in loads:
        one.join(TWO_LOADS_SECONDS)
    views.append(_loads_in_table(trial))
    mixed = [view for view in views if view not in [[whole] for whole in sizes.items()]]
    expect(not mixed, f"A reader saw {mixed[:1]}, which is no whole load.")
    if errors:
        raise errors[0]
    for load_id in sizes:
        if load_id != first:
            logged = _outcomes(trial, load_id)
            expect(logged == ["loaded"], f"The load log has {logged} for {load_id}.")
    return f"Both were loaded, and {len(views)} readings each showed one whole load."


def content_hash(trial: Trial) -> str:
    """`content_hash`: the same rows send no statement; others are loaded, under another hash."""
    batch = rows.permits()
    first = load_rows(trial, batch, f"{trial.prefix}_HASH_1", edited_at=None)
    again, statements = _load_known(trial, batch, first.content_hash)
    expect(again.outcome == "unchanged", f"The same rows ended as {again.outcome}.")
    expect(not statements, f"The same rows sent {len(statements)} statements.")
    other = rows.permits(("Issued", *rows.STATUSES[1:]))
    changed, _ = _load_known(trial, other, first.content_hash)
    expect(changed.outcome == "loaded", f"Other rows ended as {changed.outcome}.")
    expect(changed.content_hash != first.content_hash, "Other rows have the same hash.")
    logged = _logged(trial, f"{trial.prefix}_HASH_1", "CONTENT_HASH")
    expect(logged == [first.content_hash], f"The load log has the hashes {logged}.")
    return "The same rows are recognized without a statement; a changed row is loaded."


def restore_rows(trial: Trial, *, age: timedelta = timedelta()) -> None:
    """Load the first rows again, as if it were so long ago."""
    options = LoadOptions(now=lambda: datetime.now(UTC) - age)
    load_rows(trial, rows.permits(), f"{trial.prefix}_RESTORED", options=options)


def _load_known(trial: Trial, batch: pa.RecordBatch, known: str) -> tuple[LoadReport, list[str]]:
    statements: list[str] = []
    report = load_rows(
        trial,
        batch,
        f"{trial.prefix}_HASH_2",
        before=statements.append,
        edited_at=None,
        options=LoadOptions(known_hash=known),
    )
    return report, statements


def _interrupt_once(at: str) -> Before:
    """Lose the connection before the first statement that begins so."""
    left = [at]

    def before(sql: str) -> None:
        if left and sql.startswith(left[0]):
            left.clear()
            raise InterruptedOnPurposeError(f"the acceptance lost the connection before {at}")

    return before


def _wait_at_the_end(until: Event) -> Before:
    """Keep a load's transaction open until a reader has looked."""

    def before(sql: str) -> None:
        if sql.startswith(LAST_STATEMENT):
            until.wait(TWO_LOADS_SECONDS)

    return before


def _content(trial: Trial) -> list[tuple[Any, ...]]:
    return trial.account.run(
        "TRANSFORMER",
        "SELECT PERMIT_NUMBER, PERMIT_STATUS, ID, _LOAD_ID"  # noqa: S608
        f" FROM {trial.raw_name} ORDER BY PERMIT_NUMBER",
    )


def _loads_in_table(trial: Trial) -> list[tuple[str, int]]:
    return [
        (str(load_id), int(count))
        for load_id, count in trial.account.run(
            "TRANSFORMER",
            f"SELECT _LOAD_ID, COUNT(*) FROM {trial.raw_name} GROUP BY _LOAD_ID ORDER BY _LOAD_ID",  # noqa: S608
        )
    ]


def _outcomes(trial: Trial, load_id: str) -> list[Any]:
    return _logged(trial, load_id, "OUTCOME")


def _logged(trial: Trial, load_id: str, column: str) -> list[Any]:
    log = quoted(warehouse.database("RAW"), "LOADING", "LOAD_LOG")
    found = trial.account.run(
        "LOADER",
        f"SELECT {column} FROM {log} WHERE LOAD_ID = %s ORDER BY LOADED_AT",  # noqa: S608
        (load_id,),
    )
    return [value for (value,) in found]


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, bytearray) else value
