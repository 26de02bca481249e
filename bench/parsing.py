"""Measures the processor time of parsing every DAG file, beyond Airflow's own.

Each parse is a separate process, as in Airflow's DAG processor. Processor time counts, so other
load on the machine matters little. The lowest of several rounds is taken.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import page
from local.airflow import IMAGE_SETTINGS

REPOSITORY = Path(__file__).parents[1]

PARSE = """
import json, sys, time
import airflow
bare = time.process_time()
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=sys.argv[1])
assert not bag.import_errors, bag.import_errors
print(json.dumps({"dags": len(bag.dags), "bare": bare, "all": time.process_time()}))
"""


def parse(folder: Path) -> dict[str, float]:
    """Parse a folder of DAG files in a new process.

    Returns:
        Processor seconds: `bare` until Airflow was imported, `all` until every file was parsed;
        `dags` is the number of DAGs.
    """
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            **IMAGE_SETTINGS,
            "AIRFLOW_HOME": home,
            "PYTHONPATH": str(REPOSITORY),
        }
        done = subprocess.run(
            [sys.executable, "-c", PARSE, str(folder)],
            cwd=REPOSITORY,
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def parse_fastest(folder: Path, rounds: int) -> dict[str, float]:
    """Parse a folder in several rounds; returns the figures of the fastest."""
    return min((parse(folder) for _ in range(rounds)), key=lambda figures: figures["all"])


def measure(dags: Path, rounds: int) -> tuple[list[str], float]:
    """Build the table of a folder's parsing, and return it with the DAGs' own seconds."""
    with tempfile.TemporaryDirectory() as no_files:
        empty = parse_fastest(Path(no_files), rounds)
    full = parse_fastest(dags, rounds)
    own = full["all"] - empty["all"]
    lines = [
        "| processor seconds of one process | |",
        "|---|---:|",
        f"| `import airflow` | {full['bare']:.2f} |",
        f"| and Airflow's parser on an empty folder | {empty['all']:.2f} |",
        f"| and on the {full['dags']:.0f} DAGs | {full['all']:.2f} |",
        f"| **the DAGs' own share** | **{own:.2f}** |",
    ]
    return lines, own


def main() -> int:
    """Measure and print; returns 1 if the DAGs' own share is a second or more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each folder is parsed")
    parser.add_argument("--write", type=Path, help="the docs page to write the table to")
    chosen = parser.parse_args()
    lines, own = measure(REPOSITORY / "dags", chosen.rounds)
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "parsing", lines)
    return int(own >= 1)


if __name__ == "__main__":
    sys.exit(main())
