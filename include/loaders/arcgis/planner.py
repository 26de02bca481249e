"""Which pages to ask for: pure arithmetic, with no server in sight."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from include.loaders.geometry.parts import Integers


@dataclass(frozen=True)
class OffsetPage:
    """Rows `start` to `start + size`, counted from 0, in the order of the object ids."""

    start: int
    size: int

    def rest(self, got: int) -> "OffsetPage | None":
        """What is still to be asked for after `got` rows of this page; `None` if nothing is."""
        return OffsetPage(self.start + got, self.size - got) if got < self.size else None


@dataclass(frozen=True)
class IdPage:
    """The rows with these object ids, ascending and distinct; shape (1 or more,)."""

    ids: Integers

    def where(self, field: str) -> str:
        """The range from the first to the last id, as an SQL condition."""
        return f"{field} >= {self.ids[0]} AND {field} <= {self.ids[-1]}"

    def rest(self, got: Integers) -> "IdPage | None":
        """The ids of this page that are not among `got`; `None` if all are."""
        missing = np.setdiff1d(self.ids, got, assume_unique=False)
        return IdPage(missing) if missing.size else None


def page_size(wanted: int | None, cap: int) -> int:
    """Rows a page: what was wanted, but never more than the server's cap, and at least one."""
    return max(1, min(wanted or cap, cap))


def offset_pages(total: int, size: int) -> Iterator[OffsetPage]:
    """Pages that together are the rows 0 to `total`, each of them in exactly one page."""
    for start in range(0, total, size):
        yield OffsetPage(start, min(size, total - start))


def id_pages(ids: Integers, size: int) -> Iterator[IdPage]:
    """Pages that together are these ids, each of them in exactly one page.

    Args:
        ids: Ascending and distinct, shape (n,).
        size: The most ids a page.
    """
    for start in range(0, len(ids), size):
        yield IdPage(ids[start : start + size])
