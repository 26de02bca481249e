"""Running whole DAGs, and looking at what they leave behind."""

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from local import provision
from local.azurite import PUBLIC_CONTAINER, client
from local.cloud import Cloud
from local.faults import clear_faults
from local.home import REPOSITORY
from tests.conftest import SMALL_DATA

States = dict[str, str]


@pytest.fixture
def fresh(cloud: Cloud, airflow_database: None) -> Iterator[Cloud]:
    """The cloud with an empty warehouse, no blobs, no faults and the small data."""
    clear_faults(cloud.home.faults)
    shutil.rmtree(cloud.home.data)
    shutil.copytree(SMALL_DATA, cloud.home.data)
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        for database in ("RAW_DDRC_DEV", "TRANSFORM_DDRC_DEV", "ANALYTICS_DDRC_DEV"):
            cursor.execute(f"DROP DATABASE IF EXISTS {database}")
    provision.provision(cloud)
    container = client(cloud.url("blob")).get_container_client(PUBLIC_CONTAINER)
    for blob in list(container.list_blobs()):
        container.delete_blob(blob.name)
    yield cloud
    clear_faults(cloud.home.faults)


@pytest.fixture
def run_dag() -> Callable[[str], States]:
    """Run one of our DAGs whole; answers each task's final state."""

    def run(dag_id: str) -> States:
        result = load_dag(dag_id).test()
        return {ti.task_id: str(ti.state) for ti in result.get_task_instances()}

    return run


def load_dag(dag_id: str) -> DAG:
    """The DAG that a file of `dags/` defines."""
    bag = DagBag(dag_folder=str(REPOSITORY / "dags" / f"{dag_id}.py"))
    assert not bag.import_errors
    return bag.dags[dag_id]


def rows(cloud: Cloud, query: str) -> list[tuple[Any, ...]]:
    """What the warehouse answers to a query."""
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [tuple(row) for row in cursor.fetchall()]


def blob(cloud: Cloud, path: str) -> list[dict[str, Any]]:
    """A public JSON file, read as anyone may."""
    content: list[dict[str, Any]] = httpx.get(cloud.blob_url(path)).raise_for_status().json()
    return content


def expected_metrics() -> dict[str, dict[str, Any]]:
    """The hand-counted metrics of `tests/data/small` by name."""
    content: dict[str, dict[str, Any]] = json.loads((SMALL_DATA / "expected.json").read_text())
    return content
