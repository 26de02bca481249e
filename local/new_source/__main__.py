"""Write the files of a new source, with a mark wherever a person has to fill something in."""

import argparse
import sys

from local.home import REPOSITORY
from local.new_source.edits import edit_files
from local.new_source.files import format_files, render_files, write_files
from local.new_source.request import MARK, NewSource, NewSourceError, parse_request


def main() -> int:
    """Write the files and print the next steps; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local.new_source", description=__doc__)
    parser.add_argument("name", help="the name of its DAG, models and files, for example la_city")
    parser.add_argument("kind", help="arcgis, json or fivetran")
    options = parser.parse_args()
    try:
        new = parse_request(options.name, options.kind, REPOSITORY)
        added, changed = render_files(new, REPOSITORY), edit_files(new, REPOSITORY)
        write_files(format_files({**added, **changed}, REPOSITORY), REPOSITORY)
    except NewSourceError as error:
        print(error, file=sys.stderr)
        return 2
    for path in added:
        print(f"new      {path}")
    for path in changed:
        print(f"changed  {path}")
    print(_next_steps(new))
    return 0


def _next_steps(new: NewSource) -> str:
    steps = [
        f"Fill in: grep -rn {MARK} include dags tests/counting.py tests/data",
        f"Put about a dozen rows into tests/data/small/{new.rows_file}, one for each clause of each"
        " rule, and count them manually: tests/data/small/expected.json, EXPECTED.md",
        "Until all is filled in, this fails and lists what is left: .venv/bin/python -m pytest"
        " tests/sources",
        "README.md: a line in the table of sources",
    ]
    if not new.is_loaded:
        steps.append(
            f"Each deployment: set the Variable fivetran_connector_{new.name} to the connector's id"
        )
    steps.append("See it run: make run. Then make lint, make test")
    listed = "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))
    return f"\nNext steps (docs/add-a-source.md has the details):\n{listed}"


if __name__ == "__main__":
    sys.exit(main())
