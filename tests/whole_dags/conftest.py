"""A fresh cloud, and fixtures that run DAGs on it."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from airflow.models.asset import AssetEvent
from airflow.utils.session import create_session
from snowflake.connector.errors import ProgrammingError
from sqlalchemy import delete

from include.sources import SOURCES
from include.warehouse import DATABASES, Database, database, metrics_table
from local import provision
from local.azurite import client
from local.cloud import Cloud
from local.faults import clear_faults
from tests.blobs import delete_blobs
from tests.slack import Slack
from tests.small_data import SMALL
from tests.statements.hook import pytest_runtest_call  # noqa: F401 (hook)
from tests.whole_dags.helpers import DBT, Run, Statements, rows, run_dag, run_recorded
from tests.whole_dags.lineage import switched_on

# What the cloud is, until it is reset.
_IS: set[str] = set()


@pytest.fixture
def fresh(cloud: Cloud, parsed_project: None) -> Iterator[Cloud]:
    """The cloud with an empty warehouse, no blobs, no faults and the small data."""
    make_fresh(cloud)
    yield cloud
    clear_faults(cloud.home.faults)


@pytest.fixture
def loaded(cloud: Cloud, parsed_project: None) -> Iterator[Cloud]:
    """The fresh cloud after Pasadena's first run; its models are built only once for all tests."""
    make_fresh(cloud, databases=("RAW",))
    try:
        rows(cloud, f"SELECT 1 FROM {metrics_table('pasadena_metrics')}")
    except ProgrammingError:
        run_dag("pasadena")
    else:
        run_dag("pasadena", mark_success=DBT)
    yield cloud
    clear_faults(cloud.home.faults)


@pytest.fixture(scope="session")
def lineage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the OpenLineage events of `refreshed`."""
    return tmp_path_factory.mktemp("lineage") / "events.jsonl"


@pytest.fixture(scope="session")
def sent() -> Statements:
    """The statements that the fixtures' runs send to the warehouse, by DAG."""
    return {}


@pytest.fixture(scope="session")
def first_runs(
    cloud: Cloud, parsed_project: None, lineage: Path, sent: Statements
) -> dict[str, Run]:
    """The runs, by DAG, of every source and then of the publication, with lineage on."""
    return refresh(cloud, lineage, sent)


@pytest.fixture(scope="module")
def refreshed(
    cloud: Cloud, first_runs: dict[str, Run], lineage: Path, sent: Statements
) -> dict[str, Run]:
    """The same runs; they are repeated if another module has reset the cloud since."""
    if "refreshed" not in _IS:
        return refresh(cloud, lineage, sent)
    return first_runs


def refresh(cloud: Cloud, lineage: Path, sent: Statements) -> dict[str, Run]:
    """Run every source and the publication on a fresh cloud."""
    make_fresh(cloud)
    with switched_on(lineage):
        runs = {dag: run_recorded(cloud, dag, sent) for dag in (*SOURCES, "publish_metrics")}
    _IS.add("refreshed")
    return runs


def make_fresh(cloud: Cloud, databases: Sequence[Database] = DATABASES) -> None:
    """Reset the cloud; only these databases are created again."""
    _IS.clear()
    clear_faults(cloud.home.faults)
    shutil.rmtree(cloud.home.data)
    shutil.copytree(SMALL, cloud.home.data)
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        for kind in databases:
            cursor.execute(f"DROP DATABASE IF EXISTS {database(kind)}")
    provision.provision(cloud)
    Slack(cloud.url("slack")).clear()
    with create_session() as session:
        session.execute(delete(AssetEvent))
    delete_blobs(client(cloud.url("blob")))
