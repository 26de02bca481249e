"""The new source's name and kind, checked, and the names that follow from them."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

# Marks each place that a person has to fill in.
MARK = "FILL_IN"

KINDS = ("arcgis", "json", "fivetran")
LONGEST = 40

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Names with another meaning in the dbt project's tags, the data folder or `include/sources`.
_TAKEN = {
    "arcgis", "ddrc", "fivetran", "history", "json", "kinds", "loaded", "metrics", "part", "parts",
    "publication", "publish", "source", "sources", "synced",
}  # fmt: skip


class NewSourceError(ValueError):
    """The source cannot be written; the message says why and what to do."""


@dataclass(frozen=True)
class NewSource:
    """A new source.

    Attributes:
        name: The name of its DAG, dbt models and files, for example `la_city`.
        kind: One of `KINDS`.
    """

    name: str
    kind: str

    @property
    def constant(self) -> str:
        """The name of its constant in `include/sources`."""
        return self.name.upper()

    @property
    def is_loaded(self) -> bool:
        """True if one of the loaders fills its raw table, rather than Fivetran."""
        return self.kind != "fivetran"

    @property
    def parts(self) -> str:
        """The expression of its entry in `PARTS`."""
        return self.constant if self.kind == "json" else f"({self.constant},)"

    @property
    def rows_file(self) -> str:
        """The file of its rows in a data folder."""
        return {
            "arcgis": f"arcgis/{self.name}/features.json",
            "json": f"{self.name}/records.json",
            "fivetran": f"fivetran/{self.name}/rows.json",
        }[self.kind]


def parse_request(name: str, kind: str, root: Path) -> NewSource:
    """Check a name and a kind; return the new source.

    Args:
        name: The name.
        kind: The kind.
        root: The checkout that the files are written into.

    Raises:
        NewSourceError: The name or kind is not valid, or the name is taken.
    """
    example = "for example: make new-source NAME=la_city KIND=arcgis"
    if kind not in KINDS:
        raise NewSourceError(f"KIND is {kind!r}; choose one of {', '.join(KINDS)}, {example}")
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise NewSourceError(
            f"NAME is {name!r}; use lower-case letters, digits and single underscores, a letter"
            f" first, at most {LONGEST} characters, {example}"
        )
    if name.startswith("dbt"):
        # dbt imports every module of such a name as a plugin.
        raise NewSourceError(f"NAME is {name!r}; a DAG's file name must not begin with dbt.")
    if keyword.iskeyword(name) or name in _TAKEN:
        raise NewSourceError(f"NAME is {name!r}, which has another meaning; choose another name.")
    for taken in (f"include/sources/{name}.py", f"dags/{name}.py"):
        if (root / taken).exists():
            raise NewSourceError(f"{taken} already exists; choose another name, or edit that file.")
    return NewSource(name, kind)
