"""What reading every DAG file costs, over what Airflow costs by itself.

Each reading is a process of its own, as in Airflow's DAG processor; its processor time counts, so
that what else the machine does matters little. The lowest of several rounds is taken.
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

READ = """
import json, sys, time
import airflow
bare = time.process_time()
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=sys.argv[1])
assert not bag.import_errors, bag.import_errors
print(json.dumps({"dags": len(bag.dags), "bare": bare, "all": time.process_time()}))
"""


def read(folder: Path, tree: Path = REPOSITORY) -> dict[str, float]:
    """Processor seconds of a process that reads a folder of DAG files of this checkout, or a copy.

    Returns:
        `bare`: until Airflow was imported. `all`: until every file was read. `dags`: how many.
    """
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            **IMAGE_SETTINGS,
            "AIRFLOW_HOME": home,
            "PYTHONPATH": str(tree),
        }
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", READ, str(folder)],
            cwd=tree,
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def best(folder: Path, rounds: int, tree: Path = REPOSITORY) -> dict[str, float]:
    """The round that cost least."""
    return min((read(folder, tree) for _ in range(rounds)), key=lambda each: each["all"])


def measure(dags: Path, rounds: int) -> tuple[list[str], float]:
    """The table of what reading a folder costs, and our own seconds."""
    with tempfile.TemporaryDirectory() as nothing:
        empty = best(Path(nothing), rounds)
    ours = best(dags, rounds)
    own = ours["all"] - empty["all"]
    lines = [
        "| processor seconds of one process | |",
        "|---|---:|",
        f"| `import airflow` | {ours['bare']:.2f} |",
        f"| and Airflow's parser over an empty folder | {empty['all']:.2f} |",
        f"| and over our {ours['dags']:.0f} DAGs | {ours['all']:.2f} |",
        f"| **our own share** | **{own:.2f}** |",
    ]
    return lines, own


def main() -> int:
    """Measure and print; 1 if our own share is a second or more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is read")
    parser.add_argument("--write", type=Path, help="the page of the docs to write the table to")
    chosen = parser.parse_args()
    lines, own = measure(REPOSITORY / "dags", chosen.rounds)
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "reading", lines)
    return int(own >= 1)


if __name__ == "__main__":
    sys.exit(main())
