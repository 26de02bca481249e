"""Write the files of a new source; ask for its name and kind unless both are given."""

import argparse
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import copier

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).parent
QUESTIONS = ("name", "kind")
MARK = "FILL_IN"


class NewSourceError(Exception):
    """The files were not written; the message says why."""


def main() -> int:
    """Write the files, list what is left to fill in; return the exit code."""
    parser = argparse.ArgumentParser(prog="make new-source", description=__doc__)
    parser.add_argument("--name", default="", help="for example la_city")
    parser.add_argument("--kind", default="", help="arcgis, json or fivetran")
    answers = {name: value for name, value in vars(parser.parse_args()).items() if value}
    try:
        if len(answers) < len(QUESTIONS) and not sys.stdin.isatty():
            raise NewSourceError(
                "Without a terminal it cannot ask; write for example"
                " make new-source NAME=la_city KIND=arcgis. Nothing was written."
            )
        files = write_source(answers, ROOT)
    except NewSourceError as error:
        print(error, file=sys.stderr)
        return 2
    print("Written:", *files, sep="\n  ")
    print("\nTo fill in:", *places_to_fill_in(files, ROOT), sep="\n  ")
    print("\nUntil then `pytest tests/sources` fails. Go on with docs/add-a-source.md.")
    return 0


def write_source(answers: dict[str, str], root: Path) -> list[str]:
    """Write the files of a source, all or none.

    Args:
        answers: The answers that are known: `name` and `kind`. A person is asked for the others.
        root: The checkout.

    Returns:
        The paths of the new files below the checkout, sorted.

    Raises:
        NewSourceError: An answer is not valid, a file exists already or cannot be written.
    """
    with TemporaryDirectory() as folder:
        try:
            copier.run_copy(str(TEMPLATE), folder, data=answers, quiet=True)
        except KeyboardInterrupt as error:
            raise NewSourceError("Interrupted. Nothing was written.") from error
        except (ValueError, copier.errors.CopierError) as error:
            raise NewSourceError(f"{' '.join(str(error).split())}. Nothing was written.") from error
        new = Path(folder)
        files = sorted(str(path.relative_to(new)) for path in new.rglob("*") if path.is_file())
        if taken := [name for name in files if (root / name).exists()]:
            raise NewSourceError(f"{taken[0]} exists already. Nothing was written.")
        try:
            for name in files:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(new / name, root / name)
        except OSError as error:
            for name in files:
                with suppress(OSError):
                    (root / name).unlink()
            raise NewSourceError(f"{error}. Nothing was written.") from error
    return files


def places_to_fill_in(files: list[str], root: Path) -> list[str]:
    """The lines that a person has to fill in, as `path:line: text`."""
    return [
        f"{name}:{number}: {line.strip()}"
        for name in files
        for number, line in enumerate((root / name).read_text(encoding="utf-8").splitlines(), 1)
        if MARK in line
    ]


if __name__ == "__main__":
    sys.exit(main())
