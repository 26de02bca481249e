"""dbt: a build with unit tests, twice; snapshots of a change and of a delete; freshness.

dbt runs in this process, as in Airflow's tasks, with the profile that Cosmos makes from the
connection of TRANSFORMER. The project is a copy whose source `pasadena` is the run's raw table.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from include import warehouse
from include.transform_project import PROJECT, dbt_environment
from tools.acceptance import loads, rows
from tools.acceptance.outcomes import CheckFailedError, expect
from tools.acceptance.trial import Trial

SOURCE, SNAPSHOT = "pasadena", "pasadena_permits_history"
SOURCE_FILE = Path("models") / "staging" / SOURCE / f"_{SOURCE}.yml"
# dbt writes these; a copy of a parsed project would hide the changed source.
_GENERATED = ("target", "logs", "dbt_packages")
# Later than every source's `error_after`.
LONG_AGO = timedelta(days=400)


def dbt_build(trial: Trial) -> str:
    """`dbt_build`: models, tests, unit tests and a snapshot; a second build adds nothing."""
    loads.restore_rows(trial)
    first = _dbt(trial, "build", "--select", f"tag:{SOURCE}", SNAPSHOT)
    again = _dbt(trial, "build", "--select", f"tag:{SOURCE}", SNAPSHOT)
    units = [name for name, (kind, _) in first.items() if kind == "unit_test"]
    expect(units, "dbt has run no unit test.")
    expect(set(first) == set(again), "The second build had other nodes than the first.")
    kept = _states(trial)
    expect(
        len(kept) == len(rows.STATUSES) and all(is_open for _, _, is_open in kept),
        f"After two builds of the same rows the snapshot has {kept}.",
    )
    return f"{len(first)} nodes with {len(units)} unit tests, twice."


def snapshots(trial: Trial) -> str:
    """`snapshots`: a changed row ends and begins again, a deleted one ends, the others stay."""
    changed = ("Issued", *rows.STATUSES[1:])
    loads.load_rows(trial, rows.permits(changed), f"{trial.prefix}_CHANGE")
    _dbt(trial, "snapshot", "--select", SNAPSHOT)
    after_change = _states(trial)
    wanted = {("A-1", "In Review", False), ("A-1", "Issued", True), ("A-4", "Withdrawn", True)}
    expect(
        wanted <= set(after_change) and len(after_change) == len(changed) + 1,
        f"After a change the snapshot has {after_change}.",
    )
    loads.load_rows(trial, rows.permits(changed[:3]), f"{trial.prefix}_DELETE")
    _dbt(trial, "snapshot", "--select", SNAPSHOT)
    after_delete = _states(trial)
    expect(
        ("A-4", "Withdrawn", False) in after_delete and len(after_delete) == len(after_change),
        f"After a delete the snapshot has {after_delete}.",
    )
    return f"{len(after_delete)} states: one changed, one deleted."


def freshness(trial: Trial) -> str:
    """`freshness`: a table that was just loaded is fresh, an old one is not."""
    arguments = ("source", "freshness", "--select", f"source:{SOURCE}")
    loads.restore_rows(trial)
    [(_, fresh)] = _dbt(trial, *arguments).values()
    expect(fresh == "pass", f"A table that was just loaded is {fresh}.")
    loads.restore_rows(trial, age=LONG_AGO)
    [(_, old)] = _dbt(trial, *arguments, may_fail=True).values()
    expect(old == "error", f"A table that was loaded {LONG_AGO.days} days ago is {old}.")
    loads.restore_rows(trial)
    return f"Just loaded: {fresh}. Loaded {LONG_AGO.days} days ago: {old}."


def _states(trial: Trial) -> list[tuple[str, str, bool]]:
    """Each state in the snapshot: the permit, its status, and whether it lasts."""
    found = trial.account.run(
        "TRANSFORMER",
        "SELECT PERMIT_NUMBER, PERMIT_STATUS, DBT_VALID_TO IS NULL"  # noqa: S608
        f" FROM {warehouse.history_schema()}.{SNAPSHOT} ORDER BY PERMIT_NUMBER, DBT_VALID_FROM",
    )
    return [(str(permit), str(status), bool(is_open)) for permit, status, is_open in found]


def _dbt(trial: Trial, *arguments: str, may_fail: bool = False) -> dict[str, tuple[str, str]]:
    """Run a dbt command; each node's kind and status by its name.

    Raises:
        CheckFailedError: A node has failed, and `may_fail` is false.
    """
    from dbt.cli.main import dbtRunner

    project = _project(trial)
    with _profile(trial) as folder:
        result = dbtRunner().invoke([*arguments, *_options(project, folder)])
    if result.exception is not None:
        raise CheckFailedError(f"dbt {arguments[0]}: {result.exception}") from result.exception
    ended = list(getattr(result.result, "results", None) or ())
    trial.account.queries += [
        query for one in ended if (query := (one.adapter_response or {}).get("query_id"))
    ]
    wrong = [
        f"{one.node.name}: {' '.join(str(one.message or one.status).split())}"
        for one in ended
        if str(one.status) not in ("success", "pass", "warn")
    ]
    if wrong and not may_fail:
        raise CheckFailedError(f"dbt {arguments[0]}: {'; '.join(wrong)}")
    expect(ended, f"dbt {arguments[0]} has run nothing.")
    return {one.node.name: (str(one.node.resource_type), str(one.status)) for one in ended}


def _project(trial: Trial) -> Path:
    """The copy of the dbt project whose source is the run's raw table."""
    copy = trial.folder / "transform"
    if copy.exists():
        return copy
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(*_GENERATED))
    file, table = copy / SOURCE_FILE, trial.raw_table
    text = re.sub(r"(?m)^(\s+schema: )[A-Z_]+$", rf"\g<1>{table.schema}", file.read_text(), count=1)
    text = re.sub(r"(?m)^(\s+identifier: )[A-Z_]+$", rf"\g<1>{table.name}", text, count=1)
    file.write_text(text)
    return copy


@contextmanager
def _profile(trial: Trial) -> Iterator[Path]:
    """The folder of dbt's profile; the environment has what it needs, and no key is in a file."""
    from include.pipeline.transform import profile_config

    # Raises if there is no login, before Airflow looks for the connection elsewhere.
    trial.account.run("TRANSFORMER", "SELECT CURRENT_ROLE()")
    with profile_config(SOURCE).ensure_profile() as (file, secrets):
        needed = {
            **dbt_environment(),
            **secrets,
            "AIRFLOW_CTX_DAG_ID": trial.account.dag,
            # Airflow's tasks leave the unit tests out.
            "DBT_EXCLUDE_RESOURCE_TYPES": None,
        }
        with _environment(needed):
            yield Path(file).parent


@contextmanager
def _environment(values: Mapping[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    try:
        _set(values)
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _options(project: Path, profiles: Path) -> list[Any]:
    return [
        "--project-dir", str(project),
        "--profiles-dir", str(profiles),
        "--profile", "ddrc",
        "--target", warehouse.environment().lower(),
        "--target-path", str(project / "target"),
        "--log-path", str(project / "logs"),
        "--log-level", "none",
        "--log-level-file", "none",
        "--no-version-check",
        "--no-use-colors",
    ]  # fmt: skip
