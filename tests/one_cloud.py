"""One laptop cloud for the whole session, on free ports and in its own folder.

Airflow reads its settings at its first import, so this module sets them before any test module
is imported. `tests/conftest.py` takes the fixtures from here where the laptop's code is.
"""

import gc
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from include.publishing.azure_store import AzureStore
from local import airflow, airflow_server
from local.azurite import client
from local.certificates import WITHOUT_PUBLIC
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.ports import Ports, free_ports
from tests.blobs import delete_blobs
from tests.cleanup import guard_this_process
from tests.slack import Slack, serving_slack

SMALL_DATA = REPOSITORY / "tests" / "data" / "small"

_FOLDER = guard_this_process()
_CLOUD = Cloud(Home(_FOLDER / "laptop"), Ports(*free_ports(6)))
os.environ.pop("LOCAL_DATA", None)
os.environ.update(
    {
        "DDRC_RETRY_SECONDS": "0.1",
        "DDRC_SOURCE_RETRY_SECONDS": "0.5",
        # Tests kill loads: their locks are released sooner than Snowflake's five minutes.
        "SNOWFLAKE_EMULATOR_IDLE_SECONDS": "4",
        WITHOUT_PUBLIC: "yes",
    }
)
os.environ.update(airflow.environment(_CLOUD))
# Streamlit would warn at each import of the dashboard that no app is running.
logging.getLogger("streamlit.runtime.caching.cache_data_api").addFilter(lambda record: False)


def pytest_collection_finish() -> None:
    """Exempt the imported modules from garbage collection."""
    freeze_garbage_collection()


def freeze_garbage_collection() -> None:
    """Exempt all present objects: dbt and Cosmos run the collector after each task."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The running cloud, whose sources serve a copy of `tests/data/small` that a test may edit."""
    # They import Snowflake's connector and dbt, which most tests do without.
    from local import servers
    from local.third_party_patches import skip_search_for_flags_source

    skip_search_for_flags_source()
    shutil.copytree(SMALL_DATA, _CLOUD.home.data)
    try:
        servers.start(_CLOUD)
        yield _CLOUD
    finally:
        _CLOUD.stop()


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's metadata tables, in the session's folder."""
    airflow_server.make_database(_CLOUD)


@pytest.fixture(scope="session")
def parsed_project(airflow_database: None) -> None:
    """dbt's parsed project for each DAG that runs in this process."""
    from cosmos.dbt import runner

    from local.partial_parse import parse_for_every_dag

    # Cosmos runs the collector after each dbt task, whose process then ends. This one continues.
    runner.gc = SimpleNamespace(collect=lambda: None)
    parse_for_every_dag()
    freeze_garbage_collection()


@pytest.fixture
def slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slack]:
    """A Slack without messages, to which the callbacks post."""
    with serving_slack(tmp_path) as served:
        monkeypatch.setenv("AIRFLOW_CONN_SLACK_INCIDENTS", served.connection)
        yield served


@pytest.fixture
def azure_store(cloud: Cloud) -> Iterator[AzureStore]:
    """The cloud's storage account, emptied."""
    service = client(cloud.url("blob"))
    delete_blobs(service)
    yield AzureStore(service)
    service.close()
