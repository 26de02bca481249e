"""One page, asked for until it is there: short and empty answers are no ends."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from include.loaders.arcgis.features import FeatureReader, Page, joined
from include.loaders.arcgis.layer import Layer
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.errors import IncompleteError
from include.loaders.geometry.parts import Integers
from include.loaders.http_client import Client


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


# How often rows are asked for that do not come, and the pause before, in seconds, which doubles.
TRIES = 3
PAUSE = 0.5


class PageReader:
    """Asks one layer for pages; safe to use from several threads."""

    def __init__(
        self, client: Client, layer: Layer, info: LayerInfo, features: FeatureReader
    ) -> None:
        self._client = client
        self._layer = layer
        self._info = info
        self._read = features.read

    def by_offset(self, page: OffsetPage, *, only: bool) -> Page:
        """The rows of a page; what a short answer leaves out is asked for again.

        Raises:
            IncompleteError: The answers stay empty.
        """
        rest: OffsetPage | None = page
        pieces: list[Page] = []
        empty = 0
        while rest is not None:
            start, size = rest.start, rest.size
            whole = only and not pieces and not empty
            piece = self._layer.page(self._info, self._read, start=start, size=size, only=whole)
            if not len(piece.ids):
                empty += 1
                if empty == TRIES:
                    raise IncompleteError(
                        self._client.source,
                        f"{size:,} rows from row {start:,} on are counted, but the answer is "
                        f"empty (asked {TRIES} times)",
                        self._info.url,
                    )
                self._client.pause(PAUSE * 2**empty)
                continue
            pieces.append(piece)
            rest = rest.rest(len(piece.ids))
        return joined(pieces)

    def by_ids(self, page: IdPage) -> Page:
        """The rows with a page's ids, without those that do not come: they may be deleted.

        They are asked for as a range, and what the range leaves out as a list.
        """
        between = page.where(self._info.object_id)
        piece = self._layer.between(self._info, self._read, between)
        pieces = [piece.only(page.ids)]
        rest = page.rest(piece.ids)
        fruitless = 0
        while rest is not None and fruitless < TRIES:
            piece = self._layer.listed(self._info, self._read, rest.ids).only(rest.ids)
            pieces.append(piece)
            if not len(piece.ids):
                fruitless += 1
                self._client.pause(PAUSE * 2**fruitless)
            rest = rest.rest(piece.ids)
        return joined(pieces)

    def after(self, last: int | None) -> Page | None:
        """The next rows above an object id (`None`: the first ones); `None` if there are none.

        Raises:
            IncompleteError: Rows come, but not those.
        """
        field = self._info.object_id
        condition = f"{field} IS NOT NULL" if last is None else f"{field} > {last}"
        piece = self._layer.between(self._info, self._read, condition)
        if not len(piece.ids):
            return None
        page = joined([piece if last is None else piece.only(piece.ids[piece.ids > last])])
        if not len(page.ids):
            reason = f"rows above {field} {last} were asked for, and others came"
            raise IncompleteError(self._client.source, reason, self._info.url)
        return page
