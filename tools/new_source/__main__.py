"""Write the files of a new source; ask for its name and kind unless they are given."""

import argparse
import keyword
import re
import sys
from contextlib import suppress
from pathlib import Path

import typer
from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).parent / "template"
MARK = "FILL_IN"
KINDS = {
    "arcgis": "a layer of a FeatureServer or MapServer",
    "json": "HTTP endpoints with JSON lists",
    "fivetran": "a table that a Fivetran connector fills",
}
# Names with a meaning in dbt's tags, the data folder or include/sources.
RESERVED = {
    "all", "arcgis", "ddrc", "expected", "fivetran", "history", "json", "kinds", "metrics", "page",
    "publication", "publish", "registry", "source", "sources",
}  # fmt: skip
# dbt's files are Jinja themselves, so the template's own expressions are in square brackets.
_JINJA = Environment(
    loader=FileSystemLoader(TEMPLATE),
    undefined=StrictUndefined,
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    trim_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - the files are not HTML
)


class NewSourceError(typer.BadParameter):
    """The files were not written; the message says why."""


def main() -> int:
    """Write the files, list what is left to fill in; return the exit code."""
    parser = argparse.ArgumentParser(prog="make new-source", description=__doc__)
    parser.add_argument("--name", help="for example la_city")
    parser.add_argument("--kind", help=", ".join(KINDS))
    options = parser.parse_args()
    kinds = "".join(f"\n  {kind}: {text}" for kind, text in KINDS.items())
    try:
        name = options.name or typer.prompt("Name, for example la_city", value_proc=check_name)
        kind = options.kind or typer.prompt(f"Kind:{kinds}\nKind", value_proc=check_kind)
        files = write_source(name, kind, ROOT)
    except typer.Abort:
        print("No name or no kind, for example NAME=la_city KIND=arcgis.", file=sys.stderr)
        return 2
    except NewSourceError as error:
        print(error, "Nothing was written.", file=sys.stderr)
        return 2
    print("Written:", *files, sep="\n  ")
    print("\nTo fill in:", *places_to_fill_in(files, ROOT), sep="\n  ")
    print("\nUntil then `pytest tests/sources` fails. Go on with docs/add-a-source.md.")
    return 0


def check_name(name: str) -> str:
    """Return a valid name.

    Raises:
        NewSourceError: The name is not valid.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > 40:  # noqa: PLR2004
        raise NewSourceError(
            f"NAME is {name!r}: use lower-case letters, digits and single underscores, a letter"
            " first, at most 40 characters."
        )
    if name.startswith("dbt"):
        raise NewSourceError(
            f"NAME is {name!r}: a DAG's file must not begin with dbt, as dbt imports each module of"
            " such a name."
        )
    if keyword.iskeyword(name) or name in RESERVED:
        raise NewSourceError(f"NAME is {name!r}, which has another meaning here; choose another.")
    return name


def check_kind(kind: str) -> str:
    """Return a valid kind.

    Raises:
        NewSourceError: The kind is not valid.
    """
    if kind not in KINDS:
        raise NewSourceError(f"KIND is {kind!r}: choose one of {', '.join(KINDS)}.")
    return kind


def write_source(name: str, kind: str, root: Path) -> list[str]:
    """Write the files of a source, all or none.

    Args:
        name: The source's name.
        kind: One of `KINDS`.
        root: The checkout.

    Returns:
        The paths of the new files below the checkout, sorted.

    Raises:
        NewSourceError: An answer is not valid, a file exists already or cannot be written.
    """
    answers = {"name": check_name(name), "kind": check_kind(kind)}
    files = {
        _JINJA.from_string(path).render(answers).removesuffix(".jinja"): path
        for path in _JINJA.list_templates()
    }
    # A template whose path ends in a condition that is false is of another kind.
    files = {path: template for path, template in files.items() if not path.endswith("/")}
    if taken := sorted(path for path in files if (root / path).exists()):
        raise NewSourceError(f"{taken[0]} exists already.")
    try:
        for path, template in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            text = _JINJA.get_template(template).render(answers)
            (root / path).write_text(text, encoding="utf-8")
    except OSError as error:
        for path in files:
            with suppress(OSError):
                (root / path).unlink()
        raise NewSourceError(f"{error}.") from error
    return sorted(files)


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
