"""What a person asked for: the new source's name and kind, and the names that follow from it."""

import keyword
import re
from dataclasses import dataclass
from pathlib import Path

# Stands wherever a person has to write something.
MARK = "FILL_IN"

KINDS = ("arcgis", "json", "fivetran")
LONGEST = 40

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# What the dbt project's tags, the data folder and the package of sources already call something.
_TAKEN = {
    "arcgis", "ddrc", "fivetran", "history", "json", "kinds", "loaded", "metrics", "part", "parts",
    "publication", "publish", "source", "sources", "synced",
}  # fmt: skip


class NewSourceError(ValueError):
    """The source cannot be written; the message says why, and what to do."""


@dataclass(frozen=True)
class Asked:
    """A new source.

    Attributes:
        name: For example `la_city`: of its DAG, its dbt models and its files.
        kind: One of `KINDS`.
    """

    name: str
    kind: str

    @property
    def constant(self) -> str:
        """Its name in `include/sources`."""
        return self.name.upper()

    @property
    def is_loaded(self) -> bool:
        """Whether a loader of ours fills its raw table; Fivetran does otherwise."""
        return self.kind != "fivetran"

    @property
    def parts(self) -> str:
        """The expression that is its entry among the sources' parts."""
        return self.constant if self.kind == "json" else f"({self.constant},)"

    @property
    def rows_file(self) -> str:
        """The file of its rows in a data folder."""
        return {
            "arcgis": f"arcgis/{self.name}/features.json",
            "json": f"{self.name}/records.json",
            "fivetran": f"fivetran/{self.name}/rows.json",
        }[self.kind]


def asked(name: str, kind: str, root: Path) -> Asked:
    """What was asked for, checked.

    Args:
        root: The checkout that it is written into.

    Raises:
        NewSourceError: Name or kind cannot be, or something else has the name.
    """
    example = "for example: make new-source NAME=la_city KIND=arcgis"
    if kind not in KINDS:
        raise NewSourceError(f"KIND is {kind!r}; choose one of {', '.join(KINDS)}, {example}")
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise NewSourceError(
            f"NAME is {name!r}; write small letters, digits and single underscores, a letter first,"
            f" at most {LONGEST} characters, {example}"
        )
    if name.startswith("dbt"):
        # dbt takes a module of such a name for a plugin of its own.
        raise NewSourceError(f"NAME is {name!r}; a DAG's file must not begin with dbt.")
    if keyword.iskeyword(name) or name in _TAKEN:
        raise NewSourceError(f"NAME is {name!r}, which means something else here; choose another.")
    for taken in (f"include/sources/{name}.py", f"dags/{name}.py"):
        if (root / taken).exists():
            raise NewSourceError(
                f"{taken} is there already; choose another name, or change that file by hand."
            )
    return Asked(name, kind)
