"""A refresh in each way that Cosmos could run dbt: what the choice in `transform.py` rests on.

Each is a copy of the checkout with that one file changed, measured by `bench.refresh`.
"""

import argparse
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from bench import page
from bench.trees import copy_of_the_checkout, run

CHANGED = Path("include/pipeline/transform.py")
# What `bench.refresh` prints of a round: Airflow's seconds, the script's, their ratio.
ROUND = re.compile(r"^\| \d+ \| \d+ \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)
WAYS: dict[str, Mapping[str, str]] = {
    "a task a model, its tests included; dbt in the task's process (chosen)": {},
    "the same; dbt as a process of its own": {
        "invocation_mode=InvocationMode.DBT_RUNNER\n": "invocation_mode=InvocationMode.SUBPROCESS\n"
    },
    "a task a model and another for its tests": {"TestBehavior.BUILD": "TestBehavior.AFTER_EACH"},
    "watcher: one `dbt build` a group, a sensor a model": {
        "ExecutionMode.LOCAL": "ExecutionMode.WATCHER",
        # It runs the tests in that build, and has no tasks for them.
        "TestBehavior.BUILD": "TestBehavior.AFTER_EACH",
    },
}


def measure(rounds: int, word: str) -> list[str]:
    """The table: one line for each way whose name has a word in it.

    Raises:
        ValueError: The file is not as it was when this was written.
    """
    lines = [
        "| how dbt runs | Airflow, seconds | plain script, seconds | ratio |",
        "|---|---:|---:|---:|",
    ]
    for way, changes in ((way, changes) for way, changes in WAYS.items() if word in way):
        with copy_of_the_checkout() as tree:
            change(tree / CHANGED, changes)
            printed = run(
                tree, "-c", "from bench.refresh import main; main()", "--rounds", f"{rounds}"
            )
        rounds_of = sorted(ROUND.findall(printed), key=lambda found: float(found[2]))
        ours, script, ratio = rounds_of[len(rounds_of) // 2]
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
    parser.add_argument("--only", default="", help="measure only the ways with this word")
    chosen = parser.parse_args()
    lines = measure(chosen.rounds, chosen.only)
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "modes", lines)


if __name__ == "__main__":
    main()
