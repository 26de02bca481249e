"""Starts one of Airflow's processes, prepared for two cores and SQLite.

The scheduler's workers fork for each task, the DAG processor for each parse of a DAG file. Their
imports take up to five seconds of processor time, so they are done here, once, before the forks
(docs/performance.md has what that saves).
The API server writes the log of people's actions in a thread.
"""

import sys
from importlib import import_module

from airflow.__main__ import main

IMPORTS_OF_DAGS = ("include.pipeline",)
IMPORTED_EARLY: dict[str, tuple[str, ...]] = {
    "api-server": (),
    "dag-processor": IMPORTS_OF_DAGS,
    "scheduler": (
        *IMPORTS_OF_DAGS,
        # The imports of running tasks.
        "airflow.providers.microsoft.azure.hooks.wasb",
        "airflow.providers.slack.hooks.slack_webhook",
        "airflow.providers.snowflake.hooks.snowflake",
        "cosmos.operators.local",
        "dbt.adapters.snowflake",
        "dbt.cli.main",
        "dbt.task.build",
        "dbt_common.clients.agate_helper",
        "holidays.countries.united_states",
        "include.loaders.load",
        "include.publishing.azure_store",
        "openlineage.common.provider.dbt.local",
        "snowflake.connector.file_transfer_agent",
    ),
}


def start(process: str) -> None:
    """Run one of Airflow's processes until it is stopped."""
    for module in IMPORTED_EARLY[process]:
        import_module(module)
    if process == "api-server":
        from local.third_party_patches import write_action_log_in_a_thread

        write_action_log_in_a_thread()
    if process == "scheduler":
        # Imported here because it imports dbt, which the DAG processor does without.
        from local.partial_parse import parse_for_every_dag

        parse_for_every_dag()
    sys.argv = ["airflow", process]
    main()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    start(sys.argv[1])
