"""An ArcGIS layer, read completely or not at all.

The layer's count decides what is complete. A layer that declares paging is read by offset; if
that does not bring the rows that were counted, the layer is read by its object ids.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from include.loaders.arcgis.features import FeatureReader, Page
from include.loaders.arcgis.layer import Layer
from include.loaders.arcgis.pages import (
    id_pages,
    offset_pages,
    page_size,
    read_after,
    read_by_ids,
    read_by_offset,
)
from include.loaders.errors import IncompleteError, LoadError, PermanentError, QueryRefusedError
from include.loaders.geometry.parts import Integers
from include.loaders.memory import no_garbage_collection
from include.loaders.ordered_pool import ordered_map
from include.loaders.report import Notes

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
