"""The mutants to try: a package's in a random order, without those listed as equivalent."""

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools.mutants.edits import Mutant
from tools.mutants.packages import EDITS, Package, find_code


class EquivalentError(Exception):
    """An entry of the list of equivalent mutants is wrong; the message names it."""


def mutants_of(path: str, root: Path) -> list[Mutant]:
    """Each mutant of a file, in the order of the text."""
    source = (root / path).read_text()
    edits = EDITS[Path(path).suffix](source)
    return [Mutant(path, source, edit) for edit in sorted(set(edits))]


def sample(package: Package, root: Path, seed: int, equivalent: set[Mutant]) -> Iterator[Mutant]:
    """A package's mutants in a random order, which is the same for the same seed.

    Args:
        package: The package.
        root: The checkout.
        seed: The seed.
        equivalent: The mutants to leave out.
    """
    mutants = [mutant for path in find_code(package, root) for mutant in mutants_of(path, root)]
    random.Random(f"{seed} {package.name}").shuffle(mutants)  # noqa: S311
    return (each for each in mutants if each not in equivalent)


def read_equivalent(file: Path, root: Path) -> set[Mutant]:
    """Read the list of equivalent mutants.

    Args:
        file: The list, in TOML.
        root: The checkout.

    Raises:
        EquivalentError: An entry has no reason, or matches no mutant.
    """
    entries = tomllib.loads(file.read_text())["mutant"]
    mutants = {
        path: mutants_of(path, root) if (root / path).is_file() else []
        for path in {entry["path"] for entry in entries}
    }
    found: set[Mutant] = set()
    for entry in entries:
        path, edit = entry["path"], (entry["before"], entry["after"])
        matching = {each for each in mutants[path] if (each.before, each.after) == edit}
        if not matching:
            raise EquivalentError(f"{file}: no mutant of {path} changes `{edit[0]}` to `{edit[1]}`")
        if not entry["reason"]:
            raise EquivalentError(f"{file}: `{edit[1]}` in {path} has no reason")
        found |= matching
    return found
