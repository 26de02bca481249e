"""A cloud that nothing has happened to yet, and a way to run a DAG on it."""

import shutil
from collections.abc import Iterator

import pytest

from include.publishing.names import PUBLIC_CONTAINER
from local import provision
from local.azurite import client
from local.cloud import Cloud
from local.faults import clear_faults
from tests.end_to_end.looking import SMALL_DATA, RunDag, States, load_dag


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
def run_dag() -> RunDag:
    """Run one of our DAGs whole; answers each task's final state."""

    def run(dag_id: str) -> States:
        result = load_dag(dag_id).test()
        return {ti.task_id: str(ti.state) for ti in result.get_task_instances()}

    return run
