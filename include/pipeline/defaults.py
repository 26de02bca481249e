"""What every DAG of the house shares: schedule, retries, time limits and the failure callback."""

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, AssetAny, TriggerRule

from include.incidents.notify import notify_failure, notify_success
from include.sources import SOURCES

SOURCE_ASSETS = {source: Asset(f"metrics_of_{source}") for source in SOURCES}


# The first retry's wait in seconds; each further one waits twice as long.
RETRY_SECONDS = float(os.environ.get("DDRC_RETRY_SECONDS", "60"))

_TASKS: dict[str, Any] = {
    "owner": "ddrc",
    "retries": 2,
    "retry_delay": timedelta(seconds=RETRY_SECONDS),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(minutes=20),
    # Not "all succeeded": after a skipped run, a task that is cleared by itself runs.
    "trigger_rule": TriggerRule.NONE_FAILED,
    # On tasks, not on the DAG: Airflow 3 does not reliably call a DAG's own failure callback.
    "on_failure_callback": notify_failure,
    "on_success_callback": notify_success,
}

_DAG: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "default_args": _TASKS,
}

# Minute 27: the nightly and hourly exports of the sources are written around the full hour.
HOURLY: dict[str, Any] = {**_DAG, "schedule": "27 * * * *"}

# Runs of several people or candidates do not wait for each other's answers.
BY_HAND: dict[str, Any] = {**_DAG, "schedule": None, "max_active_runs": 16}

EVERY_QUARTER: dict[str, Any] = {**_DAG, "schedule": "*/15 * * * *"}

# 4:40 in California's winter: the night's exports are loaded, and nobody edits yet.
DAILY: dict[str, Any] = {**_DAG, "schedule": "40 12 * * *"}

# When the hourly runs are over.
AFTER_THE_SOURCES: dict[str, Any] = {**_DAG, "schedule": "57 * * * *"}

ON_ANY_SOURCE: dict[str, Any] = {**_DAG, "schedule": AssetAny(*SOURCE_ASSETS.values())}
