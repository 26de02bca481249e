"""Pages of a layer: how its rows are divided into them, and how one is requested in full.

A short or an empty answer does not end a page: the rows that are missing are requested again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from include.loaders.arcgis.features import Page, join_pages
from include.loaders.arcgis.layer import Layer, Parse
from include.loaders.geometry.parts import Integers

# How often missing rows are requested, and the first pause before that in seconds, which doubles.
TRIES = 3
PAUSE = 0.5


@dataclass(frozen=True)
class OffsetPage:
    """Rows `start` to `start + size`, counted from 0, in the order of the object ids."""

    start: int
    size: int

    def rest(self, received: int) -> "OffsetPage | None":
        """The page's rows after the first `received` ones; `None` if none are left."""
        if received >= self.size:
            return None
        return OffsetPage(self.start + received, self.size - received)


@dataclass(frozen=True)
class IdPage:
    """The rows with these object ids, ascending and distinct; shape (1 or more,)."""

    ids: Integers

    def where(self, field: str) -> str:
        """The range from the first to the last id, as an SQL condition."""
        return f"{field} >= {self.ids[0]} AND {field} <= {self.ids[-1]}"

    def rest(self, received: Integers) -> "IdPage | None":
        """The page's ids that are not among `received`; `None` if none are left."""
        missing = np.setdiff1d(self.ids, received, assume_unique=False)
        return IdPage(missing) if missing.size else None


def page_size(wanted: int | None, cap: int) -> int:
    """Rows a page: as many as wanted, but never more than the server's cap, and at least one."""
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


def read_by_offset(layer: Layer, parse: Parse, page: OffsetPage) -> Page:
    """The rows of a page, requested by offset.

    Args:
        layer: The layer to read; safe to use from several threads.
        parse: Makes a page of an answer.
        page: The rows to read.

    Raises:
        IncompleteError: The answers stay empty.
    """
    received: list[Page] = []
    rest: OffsetPage | None = page
    # A layer of one page is requested without paging first.
    is_whole_layer = page == OffsetPage(0, layer.info.count or 0)
    empty = 0
    while rest is not None:
        if is_whole_layer and not received and not empty:
            answer = layer.all_rows(parse)
        else:
            answer = layer.rows_at(parse, rest.start, rest.size)
        if not len(answer.ids):
            empty += 1
            if empty == TRIES:
                raise layer.incomplete(
                    f"the count includes {rest.size:,} rows from row {rest.start:,} on, but the "
                    f"answer is empty (requested {TRIES} times)"
                )
            layer.client.pause(PAUSE * 2**empty)
            continue
        received.append(answer)
        rest = rest.rest(len(answer.ids))
    return join_pages(received)


def read_by_ids(layer: Layer, parse: Parse, page: IdPage) -> Page:
    """The rows with a page's ids, without those that are missing, which may be deleted.

    They are requested as a range first; what the range leaves out is requested as a list.

    Args:
        layer: The layer to read; safe to use from several threads.
        parse: Makes a page of an answer.
        page: The ids to read.
    """
    answer = layer.rows_where(parse, page.where(layer.info.object_id))
    received = [answer.only(page.ids)]
    rest = page.rest(answer.ids)
    empty = 0
    while rest is not None and empty < TRIES:
        answer = layer.rows_with_ids(parse, rest.ids).only(rest.ids)
        received.append(answer)
        if not len(answer.ids):
            empty += 1
            layer.client.pause(PAUSE * 2**empty)
        rest = rest.rest(answer.ids)
    return join_pages(received)


def read_after(layer: Layer, parse: Parse, last: int | None) -> Page | None:
    """The next rows above an object id; `None` if there are none.

    Args:
        layer: The layer to read.
        parse: Makes a page of an answer.
        last: The last object id before them; `None` for the first rows.

    Raises:
        IncompleteError: The answer has only other rows.
    """
    field = layer.info.object_id
    condition = f"{field} IS NOT NULL" if last is None else f"{field} > {last}"
    answer = layer.rows_where(parse, condition)
    if not len(answer.ids):
        return None
    page = join_pages([answer if last is None else answer.only(answer.ids[answer.ids > last])])
    if not len(page.ids):
        raise layer.incomplete(
            f"rows above {field} {last} were requested, but others were received"
        )
    return page
