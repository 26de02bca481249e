"""Starts Airflow's processes on the laptop's cloud and waits until every DAG is parsed."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from include.transform_project import MANIFEST, PROJECT, dbt_environment
from local import processes
from local.airflow import DATABASE, PROCESSES, environment
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.home import REPOSITORY

READY_SECONDS = 180.0


def make_manifest() -> None:
    """Run `dbt parse`, offline, if the project has changed; the DAGs are built from the manifest.

    Raises:
        ServerFailedError: dbt could not parse the project.
    """
    if _is_newer_than_project(MANIFEST):
        return
    project = str(PROJECT)
    done = _run(
        ["dbt", "--quiet", "parse", "--project-dir", project, "--profiles-dir", project],
        dbt_environment(),
    )
    if done.returncode != 0:
        raise processes.ServerFailedError(f"dbt could not parse its project.\n{done.stdout}")


def _is_newer_than_project(manifest: Path) -> bool:
    project = manifest.parent.parent
    made_by_dbt = (project / "target", project / "logs")
    times = [
        file.stat().st_mtime
        for file in project.rglob("*")
        if file.is_file() and not any(file.is_relative_to(folder) for folder in made_by_dbt)
    ]
    return manifest.exists() and manifest.stat().st_mtime > max(times)


def make_database(cloud: Cloud) -> None:
    """Create or upgrade Airflow's metadata tables.

    `airflow db migrate` takes six seconds of the processor, most of them for imports. The first new
    database of this version of Airflow is stored in the checkout, and other homes get a copy.

    Raises:
        ServerFailedError: The migration failed.
    """
    database = cloud.home.airflow / DATABASE
    stored = cloud.home.tools / f"airflow-{version('apache-airflow-core')}.db"
    cloud.home.airflow.mkdir(parents=True, exist_ok=True)
    if database.exists():
        _migrate(cloud)
    elif stored.exists():
        _copy(stored, database)
    else:
        _migrate(cloud)
        # Another user's checkout cannot be written.
        with suppress(OSError):
            _copy(database, stored)
    # Four processes write to this file: with a write-ahead log, readers do not block them.
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def _migrate(cloud: Cloud) -> None:
    migrated = _run(["airflow", "db", "migrate"], environment(cloud))
    if migrated.returncode != 0:
        raise processes.ServerFailedError(f"airflow db migrate failed.\n{migrated.stdout}")


def _copy(database: Path, copy: Path) -> None:
    """Copy a database, so that another process sees all of it or none."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=copy.parent) as folder:
        shutil.copyfile(database, Path(folder) / copy.name).replace(copy)


def start(
    cloud: Cloud,
    report: Callable[[str], None],
    *,
    commands: Mapping[str, Sequence[str]] = PROCESSES,
    overrides: Mapping[str, str] | None = None,
) -> AirflowApi:
    """Start Airflow; return its API once all DAGs are parsed.

    Args:
        cloud: The running cloud.
        report: Called with the name of what is being started.
        commands: The arguments to Python that start each of Airflow's processes.
        overrides: Environment variables that replace the laptop's own.

    Raises:
        ServerFailedError: A process ended, or a DAG file does not parse.
    """
    report("Airflow")
    make_manifest()
    settings = {**environment(cloud), **(overrides or {})}
    make_database(cloud)
    for name, arguments in commands.items():
        cloud.start(f"airflow-{name}", [sys.executable, *arguments], settings)
    api = AirflowApi(cloud.url("airflow"))
    for process in cloud.running[-len(commands) :]:
        log = cloud.home.logs / f"{process.name}.log"
        processes.wait_until_ready(process, api.is_healthy, log, READY_SECONDS)
    _wait_for_dags(api)
    return api


def _wait_for_dags(api: AirflowApi) -> None:
    expected = {file.stem for file in (REPOSITORY / "dags").glob("*.py")}
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if errors := api.import_errors():
            raise processes.ServerFailedError("A DAG file does not parse.\n" + "\n".join(errors))
        if expected <= api.dags():
            return
        time.sleep(0.5)
    raise processes.ServerFailedError(f"These DAGs were not parsed: {expected - api.dags()}")


def _run(argv: list[str], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).parent / argv[0])
    return subprocess.run(
        [program, *argv[1:]],
        cwd=REPOSITORY,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
