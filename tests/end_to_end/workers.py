"""Celery workers that share only the network, as in the managed deployment.

Each has a folder of its own for all its files: the code, Airflow's home, temporary files, dbt's
caches, even the trusted certificates.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import redis

from include.transform_project import MANIFEST
from local import processes
from local.airflow import environment
from local.airflow_api import Run
from local.airflow_process import IMPORTED_EARLY
from local.cloud import Cloud
from local.home import REPOSITORY
from local.ports import HOST

REDIS = shutil.which("redis-server")
READY_SECONDS = 90.0
DEPLOYED = ("dags", "include", "plugins")
LOG = "attempt=*.log"
# As the laptop's scheduler does. Only this step imports `local`. It parses the worker's own copy,
# which is first in the path.
PARSE_AND_START = f"""
import sys
sys.path.append({str(REPOSITORY)!r})
from local.partial_parse import parse_for_every_dag
parse_for_every_dag()
sys.path.remove({str(REPOSITORY)!r})
from airflow.__main__ import main
main()
"""


@dataclass(frozen=True)
class Worker:
    """A worker's machine.

    Attributes:
        name: Its queue and its name in Celery.
        folder: The folder of all its files.
    """

    name: str
    folder: Path

    @property
    def code(self) -> Path:
        """Its own copy of the deployed files."""
        return self.folder / "code"

    @property
    def logs(self) -> Path:
        """The logs of its tasks."""
        return self.folder / "logs"

    def ran(self, run: Run) -> set[str]:
        """The ids of a run's tasks that it ran, by the logs that it wrote."""
        logs = self.logs.glob(f"dag_id={run.dag}/run_id={run.id}/task_id=*/{LOG}")
        return {log.parent.name.removeprefix("task_id=") for log in logs}

    def environment(self, cloud: Cloud, broker: str) -> dict[str, str]:
        """The environment of its processes; all paths are in its folder."""
        own = {
            "HOME": self.folder / "home",
            "TMPDIR": self.folder / "tmp",
            "XDG_CACHE_HOME": self.folder / "cache",
            "PYTHONPATH": self.code,
            "REQUESTS_CA_BUNDLE": self.folder / "authorities.pem",
            "SSL_CERT_FILE": self.folder / "authorities.pem",
            "AIRFLOW_HOME": self.folder / "airflow",
            "AIRFLOW__CORE__DAGS_FOLDER": self.code / "dags",
            "AIRFLOW__CORE__PLUGINS_FOLDER": self.code / "plugins",
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": self.logs,
            "AIRFLOW__COSMOS__CACHE_DIR": self.folder / "cosmos",
            # A worker uses the API server; it has no database.
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.folder}/none.db",
        }
        return {**environment(cloud), **celery(broker), **{k: str(v) for k, v in own.items()}}

    def prepare(self, cloud: Cloud, dags: Sequence[Path]) -> None:
        """Create its folder, with a copy of the deployed files and these DAGs."""
        for folder in ("home", "tmp", "cache", "airflow"):
            (self.folder / folder).mkdir(parents=True)
        shutil.copyfile(cloud.bundle, self.folder / "authorities.pem")
        deploy(self.code, dags)

    def start(self, cloud: Cloud, broker: str) -> processes.Running:
        """Start it: it parses dbt's project once, and then runs the tasks of its queue."""
        options = ["--queues", self.name, "--celery-hostname", f"{self.name}@{HOST}"]
        options += ["--concurrency", "2", "--skip-serve-logs"]
        options += ["--without-mingle", "--without-gossip"]
        argv = [sys.executable, "-c", PARSE_AND_START, "celery", "worker", *options]
        log = self.folder / "worker.log"
        environment = self.environment(cloud, broker)
        return processes.start(f"worker-{self.name}", argv, environment, log, self.code)


def celery(broker: str) -> dict[str, str]:
    """The settings of an Airflow with Celery's workers."""
    # Each worker imports these once, before it forks for tasks.
    early = {"imports": IMPORTED_EARLY["scheduler"]}
    return {
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": broker,
        "AIRFLOW__CELERY__SYNC_PARALLELISM": "1",
        "AIRFLOW__CELERY__OPERATION_TIMEOUT": "10",
        "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": json.dumps(early),
    }


def deploy(folder: Path, more: Sequence[Path] = ()) -> None:
    """Copy the files of a deployment: the committed code, and dbt's manifest."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *DEPLOYED], cwd=REPOSITORY, capture_output=True, check=True
    )
    files = [REPOSITORY / name for name in listed.stdout.decode().split("\0") if name]
    for file in [*files, MANIFEST]:
        copy = folder / file.relative_to(REPOSITORY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    # The emulated Fivetran has another address than the real one.
    shutil.copy(REPOSITORY / "local" / "plugins" / "fivetran_api.py", folder / "plugins")
    for dag in more:
        shutil.copyfile(dag, folder / "dags" / dag.name)


def start_redis(folder: Path, port: int) -> processes.Running:
    """Start a Redis that saves nothing; return when it is ready."""
    assert REDIS is not None
    folder.mkdir(parents=True)
    log = folder / "redis.log"
    options = ["--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no"]
    argv = [REDIS, *options, "--dir", str(folder)]
    running = processes.start("redis", argv, {}, log)
    processes.wait_until_ready(running, lambda: _is_ready(port), log, READY_SECONDS)
    return running


def _is_ready(port: int) -> bool:
    try:
        return bool(redis.Redis(HOST, port).ping())
    except redis.exceptions.ConnectionError:
        return False


def mentions(folder: Path, path: Path) -> list[Path]:
    """The files of a folder that contain a path."""
    word = os.fsencode(path)
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if word in file.read_bytes()]
