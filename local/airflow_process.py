"""Airflow's processes as two cores and SQLite want them.

Each task is a fork of the scheduler's workers, each reading of a DAG file one of the DAG processor.
What they import takes up to five seconds of processor time: once here instead of in each of them.
The API server must not wait for SQLite while others wait for it.
"""

import sys
from importlib import import_module

from airflow.__main__ import main

DRAWING = ("include.pipeline",)
IMPORTED_EARLY: dict[str, tuple[str, ...]] = {
    "api-server": (),
    "dag-processor": DRAWING,
    "scheduler": (
        *DRAWING,
        # What running tasks import.
        "airflow.providers.microsoft.azure.hooks.wasb",
        "airflow.providers.slack.hooks.slack_webhook",
        "airflow.providers.snowflake.hooks.snowflake",
        "cosmos.operators.local",
        "dbt.adapters.snowflake",
        "dbt.cli.main",
        "dbt.task.build",
        "dbt_common.clients.agate_helper",
        "holidays.countries.united_states",
        "include.incidents.notify",
        "include.loaders.loading",
        "include.publishing.azure_store",
        "openlineage.common.provider.dbt.local",
        "snowflake.connector.file_transfer_agent",
    ),
}


def start(process: str) -> None:
    """Run one of Airflow's processes until it is ended."""
    for module in IMPORTED_EARLY[process]:
        import_module(module)
    if process == "api-server":
        from local.third_party_patches import write_outside_of_the_loop

        write_outside_of_the_loop()
    if process == "scheduler":
        # It imports dbt, which the DAG processor does without.
        from local.partial_parse import parse_for_every_dag

        parse_for_every_dag()
    sys.argv = ["airflow", process]
    main()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    start(sys.argv[1])
