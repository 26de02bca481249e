"""The DAGs, parsed once."""

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from local.home import REPOSITORY


@pytest.fixture(scope="session")
def dags() -> dict[str, DAG]:
    """Every DAG by its id."""
    bag = DagBag(dag_folder=str(REPOSITORY / "dags"))
    assert not bag.import_errors
    return dict(bag.dags)
