"""Compares one refresh of every source through Airflow with a plain script that does the same work.

Both run in turn on the same laptop's cloud, after a round that is not counted; each time every
source is loaded, built and published. Airflow's seconds are from the trigger to the verified public
file, the script's are those of its whole process.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import page
from local import airflow, commands
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.home import REPOSITORY
from local.refresh import PUBLISH, Progress, Refresh

# DAGs that would run beside the measured ones.
OTHER_DAGS = ("check_freshness", "clean_up", "keep_history", "watch_publication")
MAX_RATIO = 1.5


def refresh_with_airflow(cloud: Cloud, console: Console) -> tuple[float, int]:
    """Refresh with Airflow; returns the seconds to the verified file, and the number of tasks.

    Raises:
        RuntimeError: A task failed, or nothing was published.
    """
    api, began = AirflowApi(cloud.url("airflow")), datetime.now(UTC)
    with Progress(console) as progress:
        refresh = Refresh(api, progress, params={"force_full_load": True})
        if failures := refresh.run():
            raise RuntimeError(f"These tasks failed: {failures}")
    published = api.runs_since(PUBLISH, began)
    tasks = [task for run in (*refresh.runs.values(), *published) for task in api.tasks(run)]
    verified = [task.ended for task in tasks if task.id == "verify" and task.state == "success"]
    if not verified:
        raise RuntimeError("Nothing was published")
    ran = sum(task.state == "success" for task in tasks)
    return (max(filter(None, verified)) - began).total_seconds(), ran


def refresh_with_script(cloud: Cloud) -> float:
    """Run the plain script; returns the seconds of its process."""
    environment = {
        **os.environ, **airflow.environment(cloud), "LOCAL_HOME": str(cloud.home.root),
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    command = [sys.executable, "-m", "bench.plain", json.dumps(cloud.ports.as_dict())]
    began = time.monotonic()
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)
    return time.monotonic() - began


def measure(rounds: int) -> tuple[list[str], float]:
    """Measure several rounds; returns the table and the median of their ratios."""
    console = Console(file=sys.stderr, width=120)
    with commands.temporary_laptop(console) as cloud:
        for dag in OTHER_DAGS:
            AirflowApi(cloud.url("airflow")).pause(dag)
        refresh_with_airflow(cloud, console)
        refresh_with_script(cloud)
        pairs = [
            (refresh_with_airflow(cloud, console), refresh_with_script(cloud))
            for _ in range(rounds)
        ]
    ratio = statistics.median(with_airflow / script for (with_airflow, _), script in pairs)
    lines = [
        "| round | tasks | Airflow, seconds | plain script, seconds | ratio |",
        "|---:|---:|---:|---:|---:|",
        *(
            f"| {number} | {tasks} | {with_airflow:.1f} | {script:.1f} "
            f"| {with_airflow / script:.2f} |"
            for number, ((with_airflow, tasks), script) in enumerate(pairs, start=1)
        ),
    ]
    return lines, ratio


def main() -> int:
    """Measure and print; returns 1 if the median ratio is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often both are measured")
    parser.add_argument("--write", type=Path, help="the docs page to write the table to")
    chosen = parser.parse_args()
    lines, ratio = measure(chosen.rounds)
    lines += ["", f"Median of the ratios: {ratio:.2f}; the limit is {MAX_RATIO}."]
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "refresh", lines)
    return int(ratio > MAX_RATIO)


if __name__ == "__main__":
    sys.exit(main())
