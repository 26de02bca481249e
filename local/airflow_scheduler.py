"""Airflow's scheduler for two cores: what every task imports is imported before it forks.

Each task is a fork of the scheduler's workers. Importing dbt, Cosmos and the Snowflake
connector takes about five seconds of processor time, once here instead of in every task.
"""

import sys

import cosmos.operators.local
import dbt.adapters.snowflake
import dbt.cli.main
from airflow.__main__ import main

import include.pipeline
from local.partial_parse import parse_for_every_dag

IMPORTED_EARLY = (cosmos.operators.local, dbt.adapters.snowflake, dbt.cli.main, include.pipeline)

if __name__ == "__main__":
    parse_for_every_dag()
    sys.argv = ["airflow", "scheduler"]
    main()  # type: ignore[no-untyped-call]
