"""The pages of a layer: which rows each one has, and how its rows are read.

A server that fails at a page is asked for half of it, and so on; the size that it answers is
remembered for the rest of the load.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

import numpy as np

from include.loaders.arcgis.features import Page, join_pages
from include.loaders.arcgis.layer import Layer, Parse
from include.loaders.errors import OverloadedError
from include.loaders.geometry.parts import Integers

# How often missing rows are requested, and the first pause before that in seconds, which doubles.
TRIES = 3
PAUSE = 0.5
# Some layers declare caps of millions; their servers fail at such pages, after a long time.
MOST_ROWS = 10_000

# Requests the first so many rows, and so often at most if the server fails; `None` for as long as
# the options say.
Request = Callable[[int, int | None], Page]


@dataclass(frozen=True)
class OffsetPage:
    """The rows from `start` on, counted from 0, in the order of the object ids.

    Attributes:
        start: How many rows come before the page.
        size: How many rows to request at most.
        counted: How many rows the page has by the layer's count. The last page requests more: the
            count may be too low.
    """

    start: int
    size: int
    counted: int

    def rest(self, received: int) -> "OffsetPage | None":
        """The page's rows after the first `received` ones; `None` if all counted ones are there."""
        if received >= self.counted:
            return None
        return OffsetPage(self.start + received, self.size - received, self.counted - received)


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


def offset_pages(total: int, size: int) -> Iterator[OffsetPage]:
    """Pages that together are the rows 0 to `total`, each of them in exactly one page.

    A total of 0 is one page, because the count may be wrong.
    """
    for start in range(0, max(total, 1), size):
        yield OffsetPage(start, size, min(size, total - start))


def id_pages(ids: Integers, size: int) -> Iterator[IdPage]:
    """Pages that together are these ids, each of them in exactly one page.

    Args:
        ids: Ascending and distinct, shape (n,).
        size: The most ids a page.
    """
    for start in range(0, len(ids), size):
        yield IdPage(ids[start : start + size])


class PageSize:
    """How many rows to request at once; shared by the threads that read a layer.

    Attributes:
        rows: The rows of a request: the wanted ones, but never more than the server's cap.
        has_answered: True once the server has answered a request for rows.
        has_waited: True once a server that had answered before was waited for in vain.
    """

    def __init__(self, wanted: int | None, cap: int) -> None:
        self.rows = max(1, min(wanted or MOST_ROWS, cap))
        self.has_answered = False
        self.has_waited = False
        self._lock = Lock()

    def read(self, request: Request, most: int) -> tuple[Page, int]:
        """Request the first `most` rows, and fewer if the server fails at so many.

        A failure alone does not show that the rows are too many: the server may be down for a
        while. If it answers a single row but fails twice at more, it gets half as many.

        Args:
            request: Requests the rows.
            most: The rows to request.

        Returns:
            The answer, and how many rows were requested.

        Raises:
            OverloadedError: The server fails even if a single row is requested.
        """
        failed_at = 0
        while True:
            rows = min(most, self.rows)
            try:
                page = request(rows, 1)
            except OverloadedError:
                page = self._wait_for_one_row(request)
                if rows > 1:
                    if failed_at == rows:
                        self._halve(rows)
                    failed_at = rows
                    continue
            self.has_answered = True
            return page, rows

    def _wait_for_one_row(self, request: Request) -> Page:
        """The first row alone.

        A server that has answered before is waited for, but only once a load. A server that has
        not may refuse this kind of request; the reader tries another kind soon.
        """
        with self._lock:
            is_patient = self.has_answered and not self.has_waited
        try:
            return request(1, None if is_patient else TRIES)
        except OverloadedError as error:
            self.has_waited = self.has_waited or is_patient
            error.reason += ", even for a single row"
            raise

    def _halve(self, rows: int) -> None:
        with self._lock:
            self.rows = min(self.rows, rows // 2)


def read_by_offset(layer: Layer, parse: Parse, size: PageSize, page: OffsetPage) -> Page:
    """The rows of a page, requested by offset.

    Args:
        layer: The layer to read; safe to use from several threads.
        parse: Makes a page of a response.
        size: The rows to request at once.
        page: The rows to read.

    Raises:
        IncompleteError: The answers stay empty.
        OverloadedError: The server fails even if a single row is requested.
    """
    received: list[Page] = []
    rest: OffsetPage | None = page
    empty = 0
    while rest is not None:
        answer, _ = size.read(_by_offset(layer, parse, rest.start), rest.size)
        received.append(answer)
        if not len(answer.ids) and rest.counted:
            empty += 1
            if empty == TRIES:
                raise layer.incomplete(
                    f"the count includes {rest.counted:,} rows from row {rest.start:,} on, but the "
                    f"answer is empty (requested {TRIES} times)"
                )
            layer.client.pause(PAUSE * 2**empty)
        rest = rest.rest(len(answer.ids))
    return join_pages(received)


def read_by_ids(layer: Layer, parse: Parse, size: PageSize, page: IdPage) -> Page:
    """The rows with a page's ids, without those that are missing, which may be deleted.

    They are requested as a range first; what the range leaves out is requested as a list.

    Args:
        layer: The layer to read; safe to use from several threads.
        parse: Makes a page of a response.
        size: The rows to request at once.
        page: The ids to read.

    Raises:
        IncompleteError: There are other rows between them.
        OverloadedError: The server fails even if a single row is requested.
    """
    received: list[Page] = []
    left = page.ids
    while left.size:
        answer, requested = size.read(_by_range(layer, parse, left), left.size)
        first, last = left[0], left[:requested][-1]
        inside = answer.ids[(answer.ids >= first) & (answer.ids <= last)]
        if (unlisted := np.setdiff1d(inside, left)).size:
            raise layer.incomplete(
                f"the layer has rows that it does not list, first {layer.info.object_id} "
                f"{unlisted[0]}"
            )
        received.append(answer.only(left[:requested]))
        left = left[requested:]
    rest = page.rest(np.concatenate([each.ids for each in received]))
    empty = 0
    while rest is not None and empty < TRIES:
        answer, _ = size.read(_by_list(layer, parse, rest.ids), rest.ids.size)
        received.append(answer.only(rest.ids))
        if not received[-1].ids.size:
            empty += 1
            layer.client.pause(PAUSE * 2**empty)
        rest = rest.rest(received[-1].ids)
    return join_pages(received)


def read_after(layer: Layer, parse: Parse, size: PageSize, last: int | None) -> Page | None:
    """The next rows above an object id; `None` if there are none.

    Args:
        layer: The layer to read.
        parse: Makes a page of a response.
        size: Knows whether the server has answered before, and is worth waiting for.
        last: The last object id before them; `None` for the first rows.

    Raises:
        IncompleteError: The answer has only other rows.
    """
    field = layer.info.object_id
    condition = f"{field} IS NOT NULL" if last is None else f"{field} > {last}"
    tries = None if size.has_answered else TRIES
    answer = layer.rows_where(parse, condition, in_order=True, tries=tries)
    size.has_answered = True
    if not len(answer.ids):
        return None
    page = join_pages([answer if last is None else answer.only(answer.ids[answer.ids > last])])
    if not len(page.ids):
        raise layer.incomplete(
            f"rows above {field} {last} were requested, but others were received"
        )
    return page


def _by_offset(layer: Layer, parse: Parse, start: int) -> Request:
    return lambda rows, tries: layer.rows_at(parse, start, rows, tries=tries)


def _by_range(layer: Layer, parse: Parse, ids: Integers) -> Request:
    def request(rows: int, tries: int | None) -> Page:
        condition = IdPage(ids[:rows]).where(layer.info.object_id)
        return layer.rows_where(parse, condition, tries=tries)

    return request


def _by_list(layer: Layer, parse: Parse, ids: Integers) -> Request:
    return lambda rows, tries: layer.rows_with_ids(parse, ids[:rows], tries=tries)
