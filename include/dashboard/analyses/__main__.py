"""Lists the analyses, or runs some of them: `python -m include.dashboard.analyses NAME …`."""

import argparse
import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from snowflake.connector.errors import Error

from include.dashboard.analyses import output
from include.dashboard.queries.read import MISSING

FILES: Final = Path(__file__).parent
ALL: Final = "all"
# The beginning of a file in percent format, up to its question.
_FIRST_LINES: Final = '# %% [markdown]\n"""\n# '


def analyses() -> dict[str, str]:
    """The question of each analysis, by its name."""
    texts = {file.stem: file.read_text() for file in sorted(FILES.glob("*.py"))}
    return {
        name: text.removeprefix(_FIRST_LINES).partition("\n")[0]
        for name, text in texts.items()
        if text.startswith(_FIRST_LINES)
    }


def run(name: str) -> None:
    """Run an analysis as a script.

    Raises:
        snowflake.connector.errors.Error: Snowflake does not answer, or refuses a query.
        OSError: The folder of its files cannot be written.
    """
    runpy.run_path(str(FILES / f"{name}.py"), run_name="__main__")


def main(arguments: Sequence[str]) -> int:
    """Run the command.

    Returns:
        0 if every analysis was written, 1 if one was not, 2 for an unknown name.
    """
    known = analyses()
    parser = argparse.ArgumentParser(
        prog="python -m include.dashboard.analyses",
        description="Run analyses, each of which writes a picture and a CSV file, or list them.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"an analysis, or {ALL}")
    parser.add_argument("--to", metavar="FOLDER", help=f"where to write; {output.FOLDER}")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in (*known, ALL)]:
        print(f"There is no analysis {unknown[0]}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    if not given.names:
        print(*(f"{name:17} {question}" for name, question in known.items()), sep="\n")
        return 0
    if given.to:
        os.environ[output.FOLDER_VARIABLE] = given.to
    chosen = list(known) if ALL in given.names else given.names
    return max(_run_or_say_why(name) for name in chosen)


def _run_or_say_why(name: str) -> int:
    try:
        run(name)
    except Error as error:
        print(f"{name} was not written: {_reason(error)}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{name} was not written: {error}", file=sys.stderr)
        return 1
    return 0


def _reason(error: Error) -> str:
    if error.errno in MISSING:
        return f"a table is missing: run the DAG keep_history, then try again. ({error.msg})"
    return f"Snowflake did not answer its query: {error.msg}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
