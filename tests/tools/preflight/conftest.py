"""A laptop that is ready: its cloud, its DAGs in Airflow's API, a public file and a heartbeat."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from azure.storage.blob import BlobServiceClient

from include.publishing.azure_store import AzureStore
from include.publishing.heartbeat import write_heartbeat
from include.times import utc_now
from local.azurite import client, ensure_containers
from local.cloud import Cloud
from local.faults import clear_faults
from tests.blobs import delete_blobs
from tests.publishing.samples import file, metric, publish
from tests.scheduling.served_api import serving_api
from tests.whole_dags.every_dag import enter_every_dag
from tools.acceptance.outcomes import Outcome
from tools.preflight import service_checks
from tools.preflight.checks import chosen, run_checks
from tools.preflight.deployment import Deployment


@dataclass
class Laptop:
    """A laptop whose checks all pass, and what a test breaks.

    Attributes:
        cloud: Its cloud.
        service: Its storage account.
        patch: Takes back what a test sets.
    """

    cloud: Cloud
    service: BlobServiceClient
    patch: pytest.MonkeyPatch

    @property
    def store(self) -> AzureStore:
        """Its storage account, as the pipeline uses it."""
        return AzureStore(self.service)

    def connection(self, name: str, **changes: object) -> None:
        """Change a connection; `None` removes a member."""
        variable = f"AIRFLOW_CONN_{name.upper()}"
        value = json.loads(os.environ.get(variable, "{}"))
        changed = {**value, **changes}
        self.patch.setenv(
            variable, json.dumps({key: each for key, each in changed.items() if each is not None})
        )

    def extra(self, name: str, **changes: object) -> None:
        """Change members of a connection's extra."""
        value = json.loads(os.environ[f"AIRFLOW_CONN_{name.upper()}"])
        self.connection(name, extra={**value["extra"], **changes})

    def variable(self, name: str, value: str | None) -> None:
        """Set an Airflow Variable; `None` removes it."""
        variable = f"AIRFLOW_VAR_{name.upper()}"
        if value is None:
            self.patch.delenv(variable, raising=False)
        else:
            self.patch.setenv(variable, value)

    def check(self, name: str, subject: str = "") -> Outcome:
        """Run a check, and the one that it needs; its outcome."""
        wanted = [
            replace(check, subjects=(subject,)) if check.id == name else check
            for check in chosen([name])
        ]
        return [outcome for _, outcome in run_checks(Deployment(), wanted)][-1]


def make_ready(service: BlobServiceClient) -> None:
    """Publish a file, and write the heartbeat."""
    delete_blobs(service)
    store, now = AzureStore(service), utc_now()
    publish(store, file(metric(LAST_UPDATED=f"{now:%Y-%m-%d}T00:00:00.000Z")), at=now)
    write_heartbeat(store, now)


@pytest.fixture(scope="module")
def service(cloud: Cloud) -> Iterator[BlobServiceClient]:
    """The storage account."""
    with closing(client(cloud.url("blob"))) as made:
        yield made


@pytest.fixture(scope="module")
def every_dag(cloud: Cloud, airflow_database: None) -> Iterator[None]:
    """The DAGs in Airflow's database, and Airflow's API."""
    enter_every_dag()
    with serving_api():
        yield


@pytest.fixture
def laptop(
    cloud: Cloud,
    every_dag: None,
    service: BlobServiceClient,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Laptop]:
    """A laptop that is ready; what a test changes is taken back."""
    clear_faults(cloud.home.faults)
    make_ready(service)
    # The plugin is loaded once for each process; another test may have taken it back.
    from local.plugins.fivetran_api import point_hook

    point_hook()
    once = replace(service_checks._READ, retry_seconds=0)
    monkeypatch.setattr(service_checks, "_READ", once)
    yield Laptop(cloud, service, monkeypatch)
    clear_faults(cloud.home.faults)
    ensure_containers(cloud.url("blob"))
    delete_blobs(service)


Break = Callable[[Laptop], object]
