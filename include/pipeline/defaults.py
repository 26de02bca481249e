"""Defaults of every DAG: schedules, retries, time limits and callbacks; the sources' assets."""

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, TriggerRule

from include.incidents.failure_log import explain_retry
from include.incidents.notify import notify_failure
from include.sources import SOURCES

# A source's asset is updated when its metrics changed.
SOURCE_ASSETS = {source: Asset(f"metrics_of_{source}") for source in SOURCES}

# The wait before the first retry, in seconds; each further one is twice as long.
RETRY_SECONDS = float(os.environ.get("DDRC_RETRY_SECONDS", "60"))

# Without `multiple_outputs`, which `@task` overrides: it infers True for a task that returns a
# dictionary, and then stores each member too, with a request and a row for each. Nobody reads them,
# so such a task has `multiple_outputs=False`.
_TASKS: dict[str, Any] = {
    "owner": "ddrc",
    "retries": 2,
    "retry_delay": timedelta(seconds=RETRY_SECONDS),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
    "execution_timeout": timedelta(minutes=20),
    # Not ALL_SUCCESS: a task of a skipped run that is cleared by itself has to run.
    "trigger_rule": TriggerRule.NONE_FAILED,
    # On tasks: a DAG's own callbacks are not reliable (apache/airflow#63374, #51402).
    # The watch finds what it loses, and what is over.
    "on_failure_callback": notify_failure,
    "on_retry_callback": explain_retry,
}

_DAG: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "default_args": _TASKS,
}

# Minute 27: the sources write their nightly and hourly exports around the full hour.
HOURLY: dict[str, Any] = {**_DAG, "schedule": "27 * * * *"}

# Several runs at once: one that waits for a person's answer does not block the next.
MANUAL: dict[str, Any] = {**_DAG, "schedule": None, "max_active_runs": 16}

EVERY_15_MINUTES: dict[str, Any] = {**_DAG, "schedule": "*/15 * * * *"}

# 4:40 a.m. in California's winter: the night's exports are loaded, and nobody edits yet. All daily
# DAGs start together, as a warehouse that has worked is billed for another minute.
DAILY: dict[str, Any] = {**_DAG, "schedule": "40 12 * * *"}

# By the clock too: an asset event may be lost, or come while the DAG is paused. Minutes 12 and 42:
# the sources, which start at minute 27, have ended.
ON_ANY_SOURCE_AND_BY_THE_CLOCK: dict[str, Any] = {
    **_DAG,
    "schedule": AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("12,42 * * * *", timezone="UTC"),
        assets=AssetAny(*SOURCE_ASSETS.values()),
    ),
}
