"""An ArcGIS layer, read completely or not at all.

The layer's count decides what is complete. A layer that declares paging is read by offset; if
that does not bring the rows that were counted, the layer is read by its object ids.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from include.loaders.arcgis.features import FeatureReader, Page, join_pages
from include.loaders.arcgis.layer import Layer, Parse
from include.loaders.errors import IncompleteError, LoadError, PermanentError, QueryRefusedError
from include.loaders.geometry.parts import Integers
from include.loaders.memory import no_garbage_collection
from include.loaders.ordered_pool import ordered_map
from include.loaders.report import Notes

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
        parse: Makes a page of a response.
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
        parse: Makes a page of a response.
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
        parse: Makes a page of a response.
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


Strategy = Callable[[], Iterator[Page]]

NO_IDS = np.empty(0, dtype=np.int64)


class LayerReader:
    """Reads one layer, by one strategy after the other until one is complete.

    Attributes:
        schema: The Arrow schema of the rows: the declared fields and `GEOMETRY`.
    """

    def __init__(self, layer: Layer, required: tuple[str, ...], notes: Notes) -> None:
        """Prepare to read.

        Args:
            layer: The layer.
            required: The fields that every row must have.
            notes: Records what a person should know about the rows.
        """
        self._layer = layer
        self._notes = notes
        self._features = FeatureReader(layer.info, required, notes)
        self.schema = self._features.schema
        self._page_size = page_size(layer.options.page_size, layer.info.page_cap)
        self._lists_ids = True

    def read(self, begin: Callable[[], None], take: Callable[[Page], None]) -> int:
        """Read every row; returns how many.

        Args:
            begin: Called before each attempt; the pages taken before it do not count.
            take: Called with each page.

        Raises:
            IncompleteError: No strategy brought the rows that the layer counts.
            LoadError: The layer cannot be read at all.
        """
        failure: LoadError | None = None
        for strategy in self._strategies():
            begin()
            self._notes.clear()
            if failure is not None:
                self._layer.recount()
            try:
                with no_garbage_collection():
                    return self._attempt(strategy, take)
            except (IncompleteError, QueryRefusedError) as error:
                failure = error
        assert failure is not None  # noqa: S101  # There is always a strategy to try.
        raise failure

    def _strategies(self) -> Iterator[Strategy]:
        """The strategies worth trying, each after the one before has failed."""
        info = self._layer.info
        if info.count is not None and (info.can_page or info.count <= self._page_size):
            yield self._by_offset
        yield self._by_ids
        # Rows may have moved since the ids were listed; without ids there is one more strategy.
        yield self._by_ids if self._lists_ids else self._by_last_id

    def _attempt(self, strategy: Strategy, take: Callable[[Page], None]) -> int:
        """Take the pages of one strategy; returns the number of rows.

        Raises:
            IncompleteError: Rows are missing, may be missing, or were received twice.
        """
        pages: list[Integers] = []
        rows = 0
        for page in strategy():
            take(page)
            pages.append(page.ids)
            rows += len(page.ids)
            self._layer.options.progress(rows, self._layer.info.count)
        ids = np.sort(np.concatenate([NO_IDS, *pages]))
        distinct = rows - int(np.count_nonzero(ids[1:] == ids[:-1]))
        if distinct != rows:
            raise self._layer.incomplete(
                f"{rows:,} rows were received, but only {distinct:,} are different"
            )
        # Rows cannot move within one page.
        if len(pages) > 1 or rows != self._layer.info.count:
            self._check_complete(rows, by_offset=strategy == self._by_offset)
        return rows

    def _check_complete(self, rows: int, *, by_offset: bool) -> None:
        """Compare the number of received rows with the layer as it is now.

        Rows that are added or deleted shift the offsets of the others: a row may be missed
        although the number is right. Read by id, a row cannot be missed that way.

        Raises:
            IncompleteError: Rows are missing or may be missing.
        """
        before = self._layer.info
        if before.edited_at:
            now, edited = self._layer.count_and_edit_date()
        else:
            now, edited = self._layer.count(), None
        if now is None and (ids := self._layer.object_ids()) is not None:
            now = len(ids)
        if rows != now:
            counted = (
                f"{now:,}" if before.count in (now, None) else f"{before.count:,}, then {now:,}"
            )
            raise self._layer.incomplete(f"expected {counted} rows, found {rows:,}")
        if by_offset and before.count != now:
            raise self._layer.incomplete(
                f"rows moved while they were read: {before.count:,}, then {now:,}"
            )
        if by_offset and edited != before.edited_at:
            raise self._layer.incomplete("the layer was edited while it was read")

    def _by_offset(self) -> Iterator[Page]:
        """Pages by their place in the order of the object ids.

        Raises:
            IncompleteError: Pages are out of order: the service does not page as it declares.
        """
        last = None
        for page in ordered_map(
            partial(read_by_offset, self._layer, self._features.read),
            offset_pages(self._layer.info.count or 0, self._page_size),
            self._layer.options.concurrency,
            self._layer.client.stopping,
        ):
            if last is not None and page.ids[0] <= last:
                raise self._layer.incomplete(
                    f"pages repeat or are out of order: {self._layer.info.object_id} "
                    f"{page.ids[0]} after {last}"
                )
            last = page.ids[-1]
            yield page

    def _by_ids(self) -> Iterator[Page]:
        """Pages by the object ids that the layer lists.

        Raises:
            PermanentError: The layer gives neither its object ids nor a count.
            IncompleteError: The layer does not list its object ids.
        """
        ids = self._layer.object_ids()
        if ids is None:
            self._lists_ids = False
            if self._layer.info.count is None:
                raise PermanentError(
                    self._layer.client.source,
                    "the layer gives neither its count nor its object ids, so no load could be "
                    "proved complete",
                    self._layer.url,
                )
            raise self._layer.incomplete("the layer does not list its object ids")
        yield from ordered_map(
            partial(read_by_ids, self._layer, self._features.read),
            id_pages(ids, self._page_size),
            self._layer.options.concurrency,
            self._layer.client.stopping,
        )

    def _by_last_id(self) -> Iterator[Page]:
        """Pages one after the other, each with the ids above the last one of the page before."""
        last: int | None = None
        while (page := read_after(self._layer, self._features.read, last)) is not None:
            yield page
            last = int(page.ids[-1])
