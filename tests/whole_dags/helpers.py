"""Run whole DAGs, and read what they leave behind."""

import json
import os
import ssl
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any
from unittest.mock import patch

import httpx
from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from local import provision
from local.cloud import Cloud
from local.home import REPOSITORY
from tests.slack import Slack
from tests.whole_dags.every_dag import enter_every_dag

# The tasks of dbt's models, for tests in which the models do not matter.
DBT = r"transform\..*"

# Each task's final state, by its id.
Run = dict[str, str]
# The statements that the tasks sent, as the emulator recorded them, by DAG.
Statements = dict[str, list[dict[str, Any]]]

_enter_once = cache(enter_every_dag)


def run_dag(dag_id: str, *, retries: int = 0, mark_success: str = "", **params: bool | str) -> Run:
    """Run a DAG in this process.

    Args:
        dag_id: The DAG's id.
        retries: The number of retries of each task.
        mark_success: A pattern of ids of tasks that are marked as success instead of run.
        params: The run's parameters.
    """
    _enter_once()
    bag = DagBag(dag_folder=str(REPOSITORY / "dags" / f"{dag_id}.py"))
    assert not bag.import_errors
    dag = bag.dags[dag_id]
    for task in dag.tasks:
        task.retries = retries
    with (
        # `DAG.test` would parse and write every DAG again.
        patch.object(DagBundlesManager, "get_all_dag_bundles", return_value=[]),
        patch("time.sleep", _sleep_outside_of_dag_test),
    ):
        result = dag.test(run_conf=params, mark_success_pattern=mark_success or None)
    return {ti.task_id: str(ti.state) for ti in result.get_task_instances()}


def _sleep_outside_of_dag_test(seconds: float) -> None:
    """Sleep, but not in `DAG.test`: its loop waits a second whenever no task can run."""
    if sys._getframe(1).f_code is not DAG.test.__code__:
        sleep(seconds)


def run_recorded(cloud: Cloud, dag_id: str, sent: Statements, *, mark_success: str = "") -> Run:
    """Run a DAG in this process, and record the statements that its tasks send meanwhile."""
    before = statements(cloud)[-1]["number"]
    run = run_dag(dag_id, mark_success=mark_success)
    sent[dag_id] = [one for one in statements(cloud, before) if one["user"].startswith("AIRFLOW_")]
    return run


def statements(cloud: Cloud, since: int = 0) -> list[dict[str, Any]]:
    """The statements that the warehouse has received after number `since`, oldest first."""
    trusted = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    address = f"{cloud.url('snowflake')}/emulator/statements?since={since}"
    response = httpx.get(address, verify=trusted).raise_for_status().json()
    found: list[dict[str, Any]] = response["statements"]
    return found


def edit(file: Path, change: Callable[[Any], object]) -> None:
    """Change a JSON file."""
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def rows(cloud: Cloud, query: str) -> list[tuple[Any, ...]]:
    """The result of a query."""
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [tuple(row) for row in cursor.fetchall()]


def blob(cloud: Cloud, path: str) -> list[dict[str, Any]]:
    """A public JSON file, read without credentials."""
    content: list[dict[str, Any]] = httpx.get(cloud.blob_url(path)).raise_for_status().json()
    return content


def messages(cloud: Cloud) -> list[dict[str, Any]]:
    """The messages that reached Slack, as JSON, oldest first."""
    return Slack(cloud.url("slack")).messages()


def headings(cloud: Cloud) -> list[str]:
    """The heading of each incident's message, for example `LOW · usace: a load failed`."""
    return [
        message["blocks"][0]["text"]["text"].split(" ", 1)[1]
        for message in messages(cloud)
        if message.get("blocks")
    ]
