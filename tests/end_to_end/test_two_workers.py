"""The DAGs on two workers without a common folder: no task relies on a file of another task."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local import airflow_server, servers
from local.airflow import PROCESSES
from local.airflow_api import AirflowApi, Run
from local.ports import HOST, free_ports
from local.refresh import PUBLISH
from tests.end_to_end.laptop import Laptop
from tests.end_to_end.queue_policy import WORKERS
from tests.end_to_end.scheduled import assert_success, wait_for_end, wait_until_published
from tests.end_to_end.workers import REDIS, Worker, celery, deploy, mentions, start_redis
from tests.people import People
from tests.small_data import SMALL, expected_metrics

HERE = Path(__file__).parent
BAD_DAG = HERE / "bad_dags" / "leaves_a_file.py"
# One source of each kind: a Fivetran connector, an ArcGIS layer, JSON lists.
SOURCES = ("airtable", "pasadena", "malibu")
DAGS = (*SOURCES, PUBLISH)
DEADLINE_SECONDS = 600.0


@dataclass
class Deployment:
    """Airflow with two workers, on a laptop's cloud of its own."""

    laptop: Laptop
    workers: tuple[Worker, Worker]

    @property
    def api(self) -> AirflowApi:
        return self.laptop.api


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The laptop's cloud, a Redis, Airflow without workers, and two workers of their own."""
    if REDIS is None:
        assert "CI" not in os.environ, "CI has to install redis-server"
        pytest.skip("redis-server is not installed")
    laptop = Laptop(tmp_path_factory.mktemp("airflow"))
    workers = tuple(Worker(name, tmp_path_factory.mktemp(name)) for name in WORKERS)
    [port] = free_ports(1)
    broker = f"redis://{HOST}:{port}/0"
    shutil.copytree(SMALL, laptop.home.data)
    cloud = laptop.cloud
    airflow_server.make_manifest()
    try:
        servers.start(cloud)
        for worker in workers:
            worker.prepare(cloud, [BAD_DAG])
        cloud.running.append(start_redis(laptop.home.root / "redis", port))
        deploy(laptop.home.root / "code", [BAD_DAG])
        policies = laptop.home.airflow / "config" / "airflow_local_settings.py"
        policies.parent.mkdir(parents=True)
        shutil.copyfile(HERE / "queue_policy.py", policies)
        cloud.running.extend(worker.start(cloud, broker) for worker in workers)
        settings = {
            **celery(broker),
            "AIRFLOW__CORE__DAGS_FOLDER": str(laptop.home.root / "code" / "dags"),
            # The test triggers all runs.
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        }
        commands = {**PROCESSES, "scheduler": ("-m", "airflow", "scheduler")}
        airflow_server.start(cloud, lambda line: None, commands=commands, overrides=settings)
        first, second = workers
        yield Deployment(laptop, (first, second))
    finally:
        # Celery's workers would wait for running tasks.
        cloud.stop(seconds=1)


@pytest.fixture(scope="module")
def refreshed(deployment: Deployment) -> dict[str, Run]:
    """The runs of the sources and of the last publication, by DAG."""
    api = deployment.api
    for dag in DAGS:
        api.pause(dag, paused=False)
    # A scheduled run may have loaded the source just before; this one loads it again.
    runs = {source: api.trigger(source, force_full_load=True) for source in SOURCES}
    for run in runs.values():
        assert_success(api, run, DEADLINE_SECONDS)
    wait_until_published(api, runs.values(), DEADLINE_SECONDS)
    return {**runs, PUBLISH: publications(api)[-1]}


def test_the_published_file_is_right(refreshed: dict[str, Run], deployment: Deployment) -> None:
    expected = {
        name: metric["value"]
        for name, metric in expected_metrics().items()
        if not name.startswith(("phase2_roes", "phase2_parcels", "cleanup_phase1_complete"))
    }

    assert deployment.laptop.published() == expected


def test_no_task_had_all_before_it_on_its_own_worker(
    refreshed: dict[str, Run], deployment: Deployment
) -> None:
    for dag, run in refreshed.items():
        states = {task.id: task.state for task in deployment.api.tasks(run)}
        one, two = (worker.ran(run) for worker in deployment.workers)
        assert {task for task, state in states.items() if state == "success"} <= one | two
        assert not one & two
        before = tasks_before(deployment.api, dag)
        followed = {task for task in one | two if before[task] and before[task] <= one | two}
        assert followed
        alone = [t for t in followed for own in (one, two) if t in own and before[t] <= own]
        assert alone == [], f"{dag}: may have read a file of their own worker"


def test_neither_worker_knows_of_the_others_or_the_schedulers_folder(
    refreshed: dict[str, Run], deployment: Deployment
) -> None:
    one, two = deployment.workers
    for worker, other in ((one, two), (two, one)):
        for folder in (other.folder, deployment.laptop.home.root):
            assert mentions(worker.folder, folder) == []
            values = worker.environment(deployment.laptop.cloud, "redis://").values()
            assert not [value for value in values if str(folder) in value]


def test_a_task_that_reads_a_file_of_another_one_fails_here(deployment: Deployment) -> None:
    api = deployment.api
    api.pause("leaves_a_file", paused=False)

    run = api.trigger("leaves_a_file")
    states = {task.id: task.state for task in wait_for_end(api, run)}

    assert states == {"leave": "success", "read": "failed"}
    one, two = deployment.workers
    assert one.ran(run) == {"leave"}
    [log] = two.logs.glob("dag_id=leaves_a_file/*/task_id=read/*.log")
    assert "No such file or directory" in log.read_text()


def tasks_before(api: AirflowApi, dag: str) -> dict[str, set[str]]:
    """The direct upstream tasks of each task of a DAG."""
    tasks = api.get(f"/dags/{dag}/tasks")["tasks"]
    return {
        task["task_id"]: {
            other["task_id"] for other in tasks if task["task_id"] in other["downstream_task_ids"]
        }
        for task in tasks
    }


def publications(api: AirflowApi) -> list[Run]:
    """The runs that have published, oldest first; the others had nothing to publish."""
    return [
        run
        for run in People(api).runs(PUBLISH)
        if ("promote", "success") in {(task.id, task.state) for task in api.tasks(run)}
    ]
