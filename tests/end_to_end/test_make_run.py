"""`make run`, as a newcomer types it: through Airflow's own scheduler, API and processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from include.publishing.names import source_file
from local import processes
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from local.home import REPOSITORY, Home
from local.ports import Ports, free_ports, variable
from tests.end_to_end.counting import count
from tests.end_to_end.scheduled import clear, ended

IMPATIENT = {"DDRC_RETRY_SECONDS": "1", "DDRC_SYNC_TIMEOUT_SECONDS": "10"}
DAGS = {"airtable", "page_feedback", "epa", "usace", "pasadena", "malibu", "publish_metrics"}


class Laptop:
    """A laptop of its own: another home and other ports than the session's cloud."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.ports = Ports(*free_ports(6))
        self.cloud = Cloud(self.home, self.ports)

    def make(self, command: str) -> subprocess.CompletedProcess[str]:
        """What the Makefile's target runs, with what a person's shell would hold."""
        ports = {variable(server): str(port) for server, port in self.ports.as_dict().items()}
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(
            [sys.executable, "-m", "local", command],
            cwd=REPOSITORY,
            env={**kept, **ports, **IMPATIENT, "LOCAL_HOME": str(self.home.root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def processes(self) -> list[psutil.Process]:
        """Everything on this machine that was started for this laptop's folder."""
        return [each for each in psutil.process_iter() if self._is_ours(each)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            words = [*process.cmdline(), process.environ().get("AIRFLOW_HOME", "")]
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return False
        return any(str(self.home.root) in word for word in words)


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    made = Laptop(tmp_path / "laptop")
    yield made
    processes.stop(processes.recall(made.home.processes)[0])


def test_broken_sources_fail_the_run_by_name_and_mended_ones_publish_everything(
    laptop: Laptop,
) -> None:
    set_fault(laptop.home.faults, "pasadena", "error-200")
    set_fault(laptop.home.faults, "page_feedback", "stuck")

    broken = laptop.make("run")

    assert broken.returncode == 1, broken.stdout
    assert "Failed: pasadena.load" in broken.stdout
    assert "The service said" in broken.stdout
    assert "Failed: page_feedback.wait_for_sync" in broken.stdout, "a stuck sync is given up"
    assert {"pasadena", "page_feedback"} <= told_of(laptop)
    assert httpx.get(laptop.cloud.blob_url(source_file("pasadena"))).is_client_error
    assert published(laptop)["cleanup_phase1_complete"] > 0, "the others are published all the same"

    clear_faults(laptop.home.faults)
    mended = laptop.make("run")

    assert mended.returncode == 0, mended.stdout
    metrics = published(laptop)
    counted = count(laptop.home.data)
    assert {name: metrics[name] for name in counted} == counted
    for name in metrics:
        assert name in mended.stdout
    for address in (laptop.cloud.url("airflow"), laptop.cloud.published_url):
        assert address in mended.stdout
    states = last_states(laptop)
    # Another update of a burst may just have started one more publication of the same values.
    assert states.pop("publish_metrics") in {"success", "queued", "running"}
    assert states == dict.fromkeys(DAGS - {"publish_metrics"}, "success")
    a_task_cleared_in_a_skipped_run_runs(laptop)

    stopped = laptop.make("stop")

    assert stopped.returncode == 0, stopped.stdout
    assert laptop.processes() == []


def a_task_cleared_in_a_skipped_run_runs(laptop: Laptop) -> None:
    """EPA was not edited between the two commands: its second run has nothing to do."""
    api = AirflowApi(laptop.cloud.url("airflow"))
    run = api.last_run("epa")
    states = {task.id: task.state for task in api.tasks(run)}
    assert states.pop("look_for_edits") == "success"
    assert set(states.values()) == {"skipped"}

    clear(api, run, "load")

    states = {task.id: task.state for task in ended(api, run)}
    assert set(states.values()) == {"success"}


def published(laptop: Laptop) -> dict[str, float]:
    """The published values by name, read as anyone may."""
    answer = httpx.get(laptop.cloud.published_url).raise_for_status()
    assert answer.headers["content-type"] == "application/json"
    return {metric["METRIC_NAME"]: metric["METRIC_VALUE"] for metric in answer.json()}


def told_of(laptop: Laptop) -> set[str]:
    """The DAGs that Slack was told of."""
    received = httpx.get(f"{laptop.cloud.url('slack')}/messages.json").raise_for_status().json()
    return {each["message"]["text"].split("*")[1] for each in received}


def last_states(laptop: Laptop) -> dict[str, str]:
    """The state of each DAG's last run."""
    api = AirflowApi(laptop.cloud.url("airflow"))
    return {dag: api.last_run(dag).state for dag in api.dags()}
