"""One refresh of every source through Airflow, against the same work done by a plain script.

Both run on the same laptop's cloud, in turn, after a round that is not counted; every source is
loaded, built and published each time. Seconds are from the trigger to the verified public file;
the script's are those of its whole process.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import page
from local import airflow, commands
from local.airflow_api import AirflowApi
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.refresh import PUBLISH, Progress, Refresh

# Those that would run beside the measured ones.
OTHERS = ("check_freshness", "keep_history", "watch_publication")
MOST = 1.5


def through_airflow(cloud: Cloud, console: Console) -> tuple[float, int]:
    """Seconds from the trigger to the verified file, and how many tasks ran.

    Raises:
        RuntimeError: A task failed, or nothing was published.
    """
    api, began = AirflowApi(cloud.url("airflow")), datetime.now(UTC)
    with Progress(console) as progress:
        refresh = Refresh(api, progress, form={"force_full_load": True})
        if failures := refresh.follow():
            raise RuntimeError(f"These tasks failed: {failures}")
    published = api.runs_since(PUBLISH, began)
    tasks = [task for run in (*refresh.runs.values(), *published) for task in api.tasks(run)]
    verified = [task.ended for task in tasks if task.id == "verify" and task.state == "success"]
    if not verified:
        raise RuntimeError("Nothing was published")
    ran = sum(task.state == "success" for task in tasks)
    return (max(filter(None, verified)) - began).total_seconds(), ran


def by_script(cloud: Cloud) -> float:
    """Seconds of the plain script's process."""
    environment = {
        **os.environ, **airflow.environment(cloud), "LOCAL_HOME": str(cloud.home.root),
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    command = [sys.executable, "-m", "bench.plain", json.dumps(cloud.ports.as_dict())]
    began = time.monotonic()
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)  # noqa: S603
    return time.monotonic() - began


def measure(rounds: int) -> tuple[list[str], float]:
    """The table, and the median of the rounds' ratios."""
    console = Console(file=sys.stderr, width=120)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        cloud = commands.bring_up(home, console)
        try:
            for dag in OTHERS:
                AirflowApi(cloud.url("airflow")).pause(dag)
            through_airflow(cloud, console)
            by_script(cloud)
            pairs = [(through_airflow(cloud, console), by_script(cloud)) for _ in range(rounds)]
        finally:
            commands.stop(home, console)
    ratio = statistics.median(ours / script for (ours, _), script in pairs)
    lines = [
        "| round | tasks | Airflow, seconds | plain script, seconds | ratio |",
        "|---:|---:|---:|---:|---:|",
        *(
            f"| {number} | {tasks} | {ours:.1f} | {script:.1f} | {ours / script:.2f} |"
            for number, ((ours, tasks), script) in enumerate(pairs, start=1)
        ),
    ]
    return lines, ratio


def main() -> int:
    """Measure and print; 1 if Airflow takes more than one and a half times the script's time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often both are measured")
    parser.add_argument("--write", type=Path, help="the page of the docs to write the table to")
    chosen = parser.parse_args()
    lines, ratio = measure(chosen.rounds)
    lines += ["", f"Median of the ratios: {ratio:.2f}; at most {MOST} is wanted."]
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "refresh", lines)
    return int(ratio > MOST)


if __name__ == "__main__":
    sys.exit(main())
