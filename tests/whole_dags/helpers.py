"""Running whole DAGs, and looking at what they leave behind."""

import os
import ssl
import sys
from functools import cache
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
from tests.whole_dags.every_dag import enter_every_dag

# Where only what is around the models matters, dbt need not build the same rows a second time.
DBT = r"transform\..*"

# Each task's final state, by the task's id.
Run = dict[str, str]
# What our tasks asked the warehouse, as the emulator tells it, by DAG.
Asked = dict[str, list[dict[str, Any]]]

_enter_once = cache(enter_every_dag)


def run_dag(dag_id: str, *, retries: int = 0, taken_for_done: str = "", **form: bool | str) -> Run:
    """Run one of our DAGs in this process.

    Args:
        retries: How often a failed task is tried again.
        taken_for_done: A pattern of task ids that are not run, as what they do does not matter.
        form: What a person puts into the run's form.
    """
    _enter_once()
    bag = DagBag(dag_folder=str(REPOSITORY / "dags" / f"{dag_id}.py"))
    assert not bag.import_errors
    dag = bag.dags[dag_id]
    for task in dag.tasks:
        task.retries = retries
    with (
        # It would read and enter every DAG again.
        patch.object(DagBundlesManager, "get_all_dag_bundles", return_value=[]),
        patch("time.sleep", _but_not_between_tasks),
    ):
        result = dag.test(run_conf=form, mark_success_pattern=taken_for_done or None)
    return {ti.task_id: str(ti.state) for ti in result.get_task_instances()}


def _but_not_between_tasks(seconds: float) -> None:
    """Airflow's loop, which waits for no one here, waits a second where a task cannot run."""
    if sys._getframe(1).f_code is not DAG.test.__code__:
        sleep(seconds)


def run_asking(cloud: Cloud, dag_id: str, asked: Asked, *, taken_for_done: str = "") -> Run:
    """Run one of our DAGs in this process, and keep what it asked the warehouse meanwhile."""
    before = statements(cloud)[-1]["number"]
    run = run_dag(dag_id, taken_for_done=taken_for_done)
    asked[dag_id] = [one for one in statements(cloud, before) if one["user"].startswith("AIRFLOW_")]
    return run


def statements(cloud: Cloud, since: int = 0) -> list[dict[str, Any]]:
    """The statements that the warehouse was asked after one, oldest first."""
    trusted = ssl.create_default_context(cafile=os.environ["REQUESTS_CA_BUNDLE"])
    address = f"{cloud.url('snowflake')}/emulator/statements?since={since}"
    answer = httpx.get(address, verify=trusted).raise_for_status().json()
    found: list[dict[str, Any]] = answer["statements"]
    return found


def rows(cloud: Cloud, query: str) -> list[tuple[Any, ...]]:
    """What the warehouse answers to a query."""
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [tuple(row) for row in cursor.fetchall()]


def blob(cloud: Cloud, path: str) -> list[dict[str, Any]]:
    """A public JSON file, read as anyone may."""
    content: list[dict[str, Any]] = httpx.get(cloud.blob_url(path)).raise_for_status().json()
    return content


def told(cloud: Cloud) -> list[dict[str, Any]]:
    """The JSON of the messages that reached Slack, oldest first."""
    received = httpx.get(f"{cloud.url('slack')}/messages.json").raise_for_status().json()
    return [each["message"] for each in received]


def headings(cloud: Cloud) -> list[str]:
    """What each incident's message begins with, for example `LOW · usace: a load failed`."""
    return [
        message["blocks"][0]["text"]["text"].split(" ", 1)[1]
        for message in told(cloud)
        if message.get("blocks")
    ]
