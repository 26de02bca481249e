"""Measures what a refresh and a run of the watch leave behind, and what that is after a year.

On a laptop's cloud of its own, runs every source and the publication several times, as if every
source had changed, and then the watch. Before and after, it counts the rows and bytes of Airflow's
database, its log files, the files in the storage account and the rows that tasks append.
"""

import argparse
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import page
from bench.refresh import OTHER_DAGS, refresh_with_airflow
from include import warehouse
from include.publishing.history import PUBLISHED_METRICS
from include.publishing.names import CANDIDATES_CONTAINER, VERSIONS_CONTAINER
from local import airflow, azurite, commands, provision
from local.airflow import DATABASE
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.refresh import PUBLISH

WATCH = "watch_publication"
# The most in a year: every source changes each hour; the watch runs every 15 minutes.
REFRESHES, WATCHES = 24 * 365, 4 * 24 * 365
MB = 1_000_000
TABLES = ("dag_run", "task_instance", "xcom", "log", "asset_event")

# The amounts, by what grows.
Amounts = dict[str, float]


@dataclass(frozen=True)
class Growth:
    """What one run adds.

    Attributes:
        refresh: What one refresh adds, by what grows.
        watch: What one run of the watch adds.
    """

    refresh: Amounts
    watch: Amounts

    def table(self) -> list[str]:
        """The lines of a Markdown table."""
        lines = [
            "| what grows | a refresh adds | a run of the watch adds | a year adds, at most |",
            "|---|---:|---:|---:|",
        ]
        for name, added in self.refresh.items():
            year = added * REFRESHES + self.watch[name] * WATCHES
            lines.append(f"| {name} | {added:,.2f} | {self.watch[name]:,.2f} | {year:,.0f} |")
        return lines


def each(before: Mapping[str, float], after: Mapping[str, float], runs: int) -> Amounts:
    """What one of several runs has added."""
    return {name: (amount - before[name]) / runs for name, amount in after.items()}


def count(cloud: Cloud) -> Amounts:
    """What there is now, by what grows."""
    amounts: Amounts = {}
    path = cloud.home.airflow / DATABASE
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        pages, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
        )
        amounts["Airflow's database, MB"] = pages * size / MB
        for table in TABLES:
            rows = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
            amounts[f"its rows in `{table}`"] = rows
    logs = list((cloud.home.airflow / "logs").rglob("attempt=*.log"))
    amounts["task logs"] = len(logs)
    amounts["task logs, MB"] = sum(file.stat().st_size for file in logs) / MB
    service = azurite.client(cloud.url("blob"))
    for container in (CANDIDATES_CONTAINER, VERSIONS_CONTAINER):
        blobs = list(service.get_container_client(container).list_blobs())
        amounts[f"files in `{container}`"] = len(blobs)
        amounts[f"files in `{container}`, MB"] = sum(blob.size for blob in blobs) / MB
    load_log = f"{warehouse.database('RAW')}.LOADING.LOAD_LOG"
    tables = {"LOAD_LOG": load_log, "PUBLISHED_METRICS": PUBLISHED_METRICS.full_name}
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        for name, full_name in tables.items():
            cursor.execute(f"SELECT COUNT(*) FROM {full_name}")
            amounts[f"rows in `{name}`"] = next(iter(cursor))[0]
    return amounts


def refresh_to_the_end(cloud: Cloud, api: AirflowApi, console: Console) -> None:
    """Refresh, and wait for the publication's last task: it records what was published."""
    began = datetime.now(UTC)
    refresh_with_airflow(cloud, console)
    while not all(run.is_finished for run in api.runs_since(PUBLISH, began)):
        time.sleep(1)


def run_watch(api: AirflowApi) -> None:
    """Run the watch once, and wait for its end."""
    run = api.trigger(WATCH)
    while not api.run(run).is_finished:
        time.sleep(1)


def measure(runs: int) -> Growth:
    """Measure several runs of each, after a refresh that is not counted."""
    console = Console(file=sys.stderr, width=120)
    with commands.temporary_laptop(console) as cloud:
        api = AirflowApi(cloud.url("airflow"))
        # The names of the laptop's schemas.
        settings = airflow.environment(cloud)
        os.environ.update({name: settings[name] for name in ("DDRC_ENV", "DDRC_SCHEMA_PREFIX")})

        def added_by(run: Callable[[], object]) -> Amounts:
            before = count(cloud)
            for _ in range(runs):
                run()
            return each(before, count(cloud), runs)

        for dag in OTHER_DAGS:
            api.pause(dag)
        refresh_to_the_end(cloud, api, console)
        refresh = added_by(lambda: refresh_to_the_end(cloud, api, console))
        api.pause(WATCH, paused=False)
        return Growth(refresh, added_by(lambda: run_watch(api)))


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how many runs of each are measured")
    parser.add_argument("--write", type=Path, help="the docs page to write the table to")
    chosen = parser.parse_args()
    lines = measure(chosen.runs).table()
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "growth", lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
