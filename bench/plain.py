"""A refresh as a plain script: one step after the other, in one process.

Loads and syncs, one `dbt build`, the unloads, the audit and the promotion: the same code sends the
same statements to the same laptop's cloud, without a scheduler, retries, callbacks or a view of
each step. `bench.refresh` runs it and prepares its environment.
"""

import json
import os
import sys
import time
from contextlib import closing, nullcontext
from typing import Any

import httpx
import snowflake.connector
from dbt.cli.main import dbtRunner
from jinja2 import Template

from include import sources, warehouse
from include.loaders import LoadOptions, Origin, load_table
from include.pipeline.unload import SQL
from include.publishing.audit import check_candidate
from include.publishing.azure_store import AzureStore
from include.publishing.change_limits import declared_limits
from include.publishing.names import CANDIDATES_CONTAINER, candidate_file
from include.publishing.promotion import promote, replace_source_file
from include.publishing.public_file import verify
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED, Version, version_name
from include.times import utc_now
from include.transform_project import PROJECT, dbt_environment
from local import azurite, provision
from local.cloud import Cloud
from local.fivetran.connectors import CONNECTORS
from local.home import Home
from local.ports import Ports


def refresh(cloud: Cloud, run_id: str) -> None:
    """Load and build every source, and publish."""
    sync(cloud)
    load(cloud, run_id)
    build(cloud, "--exclude", "tag:history", "tag:publish")
    release(cloud, run_id)
    build(cloud, "--select", "tag:publish")
    publish(cloud, run_id)


def sync(cloud: Cloud) -> None:
    """Start a sync of each connector and wait for its end."""
    credentials = (cloud.credentials.fivetran_key, cloud.credentials.fivetran_secret)
    with httpx.Client(base_url=cloud.url("fivetran"), auth=credentials, timeout=60) as api:
        for connector in CONNECTORS:
            address = f"/v1/connectors/{connector}"
            before = api.get(address).raise_for_status().json()["data"]["succeeded_at"]
            api.post(f"{address}/force").raise_for_status()
            while api.get(address).json()["data"]["succeeded_at"] == before:
                time.sleep(0.1)


def load(cloud: Cloud, run_id: str) -> None:
    """Load every source that has a loader."""
    with provision.connect(cloud) as connection:
        to: dict[str, Any] = {
            "connect": lambda: nullcontext(connection), "load_id": run_id,
            "database": warehouse.database("RAW"),
            "origin": Origin(base_url=cloud.url("sources")), "options": LoadOptions(),
        }  # fmt: skip
        for source in sources.SOURCES.values():
            for part in (*source.layers, *source.lists):
                load_table(part, **to)


def build(cloud: Cloud, *selection: str) -> None:
    """Build and test a selection of the models in one `dbt build`.

    Raises:
        RuntimeError: A model or a test failed.
    """
    os.environ.update(
        SNOWFLAKE_HOST="127.0.0.1",
        SNOWFLAKE_PORT=str(cloud.ports.snowflake),
        SNOWFLAKE_PRIVATE_KEY=cloud.credentials.private_key_pem,
        **dbt_environment(),
    )
    words = ["--quiet", "build", "--exclude-resource-type", "unit_test", *selection]
    result = dbtRunner().invoke(
        [*words, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    )
    if not result.success:
        raise RuntimeError("dbt build failed")


def release(cloud: Cloud, run_id: str) -> None:
    """Unload and release every source."""
    unload(cloud, run_id, *(f"{source}_metrics" for source in sources.SOURCES))
    store = AzureStore(azurite.client(cloud.url("blob")))
    for source in sources.SOURCES:
        own = Place(CANDIDATES_CONTAINER, candidate_file(f"{source}_metrics", run_id))
        replace_source_file(store, own, source, utc_now())


def publish(cloud: Cloud, run_id: str) -> None:
    """Unload the summary, audit, promote, and verify the public file."""
    unload(cloud, run_id, "ddrc_metrics")
    store = AzureStore(azurite.client(cloud.url("blob")))
    place = Place(CANDIDATES_CONTAINER, candidate_file("ddrc_metrics", run_id))
    candidate, served = store.need(place), store.need(PUBLISHED)
    check_candidate(candidate.content, served.content, declared_limits(), utc_now())
    version = Version(
        version_name(candidate.modified_at, candidate.sha256), candidate.sha256, run_id, ""
    )
    promote(store, place, version, replacing=served.etag, now=utc_now())
    verify(store.public_url(PUBLISHED), version)


def unload(cloud: Cloud, run_id: str, *models: str) -> None:
    """Have the warehouse write metrics marts to the stage."""
    sql = Template((SQL / "unload_metrics.sql").read_text())
    with provision.connect(cloud) as connection, closing(connection.cursor()) as cursor:
        for model in models:
            parameters = {
                "location": f"@{warehouse.stage()}/{model}",
                "table": warehouse.metrics_table(model),
            }
            cursor.execute(sql.render(params=parameters, run_id=run_id))


def main() -> None:
    """Refresh the cloud whose ports the first argument gives as JSON."""
    snowflake.connector.paramstyle = "pyformat"
    ports = Ports(**json.loads(sys.argv[1]))
    refresh(Cloud(Home.from_environment(), ports), f"plain_{time.time_ns()}")


if __name__ == "__main__":
    main()
