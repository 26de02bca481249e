"""A refresh in each way that Cosmos could run dbt: what the choice in `transform.py` rests on.

Each is a copy of the checkout with that one file changed, measured by `bench.refresh`.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from bench import page
from bench.trees import copy_of_the_checkout, run

CHANGED = Path("include/pipeline/transform.py")
WAYS: dict[str, Mapping[str, str]] = {
    "a task a model, its tests included; dbt in the task's process (chosen)": {},
    "the same; dbt as a process of its own": {
        "invocation_mode=InvocationMode.DBT_RUNNER\n": "invocation_mode=InvocationMode.SUBPROCESS\n"
    },
    "a task a model and another for its tests": {"TestBehavior.BUILD": "TestBehavior.AFTER_EACH"},
    "watcher: one `dbt build` a group, a sensor a model": {
        "ExecutionMode.LOCAL": "ExecutionMode.WATCHER"
    },
}


def measure(rounds: int) -> list[str]:
    """The table: one line for each way.

    Raises:
        ValueError: The file is not as it was when this was written.
    """
    lines = [
        "| how dbt runs | Airflow, seconds | plain script, seconds | ratio |",
        "|---|---:|---:|---:|",
    ]
    for way, changes in WAYS.items():
        with copy_of_the_checkout() as tree:
            change(tree / CHANGED, changes)
            printed = run(
                tree, "-c", "from bench.refresh import main; main()", "--rounds", f"{rounds}"
            )
        # round, tasks, Airflow, script, ratio: the round of the median ratio
        measured = [
            row.strip("| ").split(" | ")
            for row in printed.splitlines()
            if row[:3].strip("| ").isdigit()
        ]
        measured.sort(key=lambda row: float(row[4]))
        ours, script, ratio = measured[len(measured) // 2][2:5]
        lines.append(f"| {way} | {ours} | {script} | {ratio} |")
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def change(file: Path, changes: Mapping[str, str]) -> None:
    """Replace each word in a file."""
    text = file.read_text()
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"{file.name} does not say {old!r} any more")
        text = text.replace(old, new)
    file.write_text(text)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="how often each is measured")
    parser.add_argument("--write", type=Path, help="the page of the docs to write the table to")
    chosen = parser.parse_args()
    lines = measure(chosen.rounds)
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "modes", lines)


if __name__ == "__main__":
    main()
