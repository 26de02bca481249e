"""Starts Airflow's processes on the laptop's cloud and waits until every DAG is there."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from local import processes
from local.airflow import DATABASE, PROCESSES, environment
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.home import REPOSITORY

READY_SECONDS = 180.0
MANIFEST = REPOSITORY / "include" / "transform" / "target" / "manifest.json"


def make_manifest() -> None:
    """Have dbt parse its project, offline, if it changed; the DAGs are drawn from the manifest.

    Raises:
        ServerFailedError: dbt refused the project.
    """
    if _is_newer_than_project(MANIFEST):
        return
    project = str(REPOSITORY / "include" / "transform")
    done = _run(
        ["dbt", "--quiet", "parse", "--project-dir", project, "--profiles-dir", project], {}
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
    """Make or upgrade Airflow's metadata tables.

    Raises:
        ServerFailedError: Airflow refused.
    """
    cloud.home.airflow.mkdir(parents=True, exist_ok=True)
    migrated = _run(["airflow", "db", "migrate"], environment(cloud))
    if migrated.returncode != 0:
        raise processes.ServerFailedError(f"airflow db migrate failed.\n{migrated.stdout}")
    # Four processes write to this file: with a write-ahead log, readers do not stop them.
    with closing(sqlite3.connect(cloud.home.airflow / DATABASE)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


def start(
    cloud: Cloud,
    tell: Callable[[str], None],
    *,
    commands: Mapping[str, Sequence[str]] = PROCESSES,
    overrides: Mapping[str, str] | None = None,
) -> AirflowApi:
    """Bring Airflow up; return its API once all DAGs are parsed.

    Args:
        commands: What is run for each of Airflow's processes: arguments to Python.
        overrides: Environment variables that take the place of the laptop's own.

    Raises:
        ServerFailedError: a process ended, or a DAG file does not parse.
    """
    tell("Airflow")
    make_manifest()
    settings = {**environment(cloud), **(overrides or {})}
    make_database(cloud)
    for name, arguments in commands.items():
        log = cloud.home.logs / f"airflow-{name}.log"
        argv = [sys.executable, *arguments]
        cloud.running.append(processes.start(f"airflow-{name}", argv, settings, log))
    api = AirflowApi(cloud.url("airflow"))
    for process in cloud.running[-len(commands) :]:
        log = cloud.home.logs / f"{process.name}.log"
        processes.wait_until_ready(process, api.is_healthy, log, READY_SECONDS)
    _wait_for_dags(api)
    return api


def _wait_for_dags(api: AirflowApi) -> None:
    wanted = {file.stem for file in (REPOSITORY / "dags").glob("*.py")}
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if errors := api.import_errors():
            raise processes.ServerFailedError("A DAG file does not parse.\n" + "\n".join(errors))
        if wanted <= api.dags():
            return
        time.sleep(0.5)
    raise processes.ServerFailedError(f"These DAGs did not appear: {wanted - api.dags()}")


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
