"""Begin a new source: its files, with a mark wherever a person has to fill something in."""

import argparse
import sys

from local.home import REPOSITORY
from local.new_source.asked import MARK, Asked, NewSourceError, asked
from local.new_source.edits import edits
from local.new_source.writing import new_files, tidied, write


def main() -> int:
    """Write the files and say what to do next; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.new_source", description=__doc__)
    parser.add_argument("name", help="of its DAG, models and files, for example la_city")
    parser.add_argument("kind", help="arcgis, json or fivetran")
    options = parser.parse_args()
    try:
        new = asked(options.name, options.kind, REPOSITORY)
        added, changed = new_files(new, REPOSITORY), edits(new, REPOSITORY)
        write(tidied({**added, **changed}, REPOSITORY), REPOSITORY)
    except NewSourceError as error:
        print(error, file=sys.stderr)
        return 2
    for path in added:
        print(f"new      {path}")
    for path in changed:
        print(f"changed  {path}")
    print(_next(new))
    return 0


def _next(new: Asked) -> str:
    steps = [
        f"Fill in: grep -rn {MARK} include dags tests/counting.py tests/data",
        f"Put about a dozen rows into tests/data/small/{new.rows_file}, one for each clause of each"
        " rule, and count them by hand: tests/data/small/expected.json, EXPECTED.md",
        "Until it is filled in, this fails and names what is left: .venv/bin/python -m pytest"
        " tests/sources",
        "README.md: a line in the table of sources",
    ]
    if not new.is_loaded:
        steps.append(
            f"Each deployment: the Variable fivetran_connector_{new.name}, the connector's id"
        )
    steps.append("See it run: make run. Then make lint, make test")
    listed = "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))
    return f"\nNext (docs/add-a-source.md tells more):\n{listed}"


if __name__ == "__main__":
    sys.exit(main())
