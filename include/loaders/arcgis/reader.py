"""An ArcGIS layer, read completely or not at all.

A layer is read by one strategy after the other until one brings every row:

1. all rows in one answer, if the count says that they fit;
2. by offset, if the layer declares paging;
3. by the object ids that the layer lists, twice, because rows may be deleted meanwhile;
4. from one object id to the next, if the layer does not list its ids.

However they were read, the rows are compared with the ids that the layer lists afterwards: between
two pages, one row may have been deleted and another added, which hides a third one. Pages by offset
of a layer that does not list its ids prove nothing, so such a layer is read from id to id.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

import numpy as np

from include.loaders.arcgis.features import FeatureReader, Page
from include.loaders.arcgis.layer import Layer
from include.loaders.arcgis.pages import (
    PageSize,
    id_pages,
    offset_pages,
    read_after,
    read_by_ids,
    read_by_offset,
)
from include.loaders.errors import (
    IncompleteError,
    LoadError,
    OverloadedError,
    PermanentError,
    QueryRefusedError,
    TransientError,
)
from include.loaders.geometry.parts import Integers
from include.loaders.memory import no_garbage_collection
from include.loaders.ordered_pool import ordered_map
from include.loaders.report import Notes

Strategy = Callable[[], Iterator[Page]]

NO_IDS = np.empty(0, dtype=np.int64)
# How often one answer with all rows is requested if the server fails at it.
TRIES = 2
# The first pause, in seconds, before every strategy is tried again on a server that fails at all of
# them. The pause doubles.
FIRST_PAUSE = 5.0


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
        self._size = PageSize(layer.options.page_size, layer.info.page_cap)
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
        began, waited, pause = self._layer.options.monotonic(), 0.0, FIRST_PAUSE
        while True:
            try:
                return self._read_once(begin, take)
            except OverloadedError:
                spent = max(waited, self._layer.options.monotonic() - began)
                if self._size.has_waited or spent + pause > self._layer.options.retry_seconds:
                    raise
            self._layer.client.pause(pause)
            waited, pause = waited + pause, pause * 2

    def _read_once(self, begin: Callable[[], None], take: Callable[[Page], None]) -> int:
        failures: list[LoadError] = [*self._layer.failures]
        for number, strategy in enumerate(self._strategies()):
            begin()
            self._notes.clear()
            for note in self._layer.info.notes:
                self._notes.add(note)
            if number:
                self._layer.ask_uncached()
                self._layer.recount()
            try:
                with no_garbage_collection():
                    return self._attempt(strategy, take)
            except (IncompleteError, OverloadedError, QueryRefusedError) as error:
                failures.append(error)
        # A strategy that is refused does not make a failure permanent that may pass.
        passing = [error for error in failures if isinstance(error, TransientError)]
        overloaded = [error for error in passing if isinstance(error, OverloadedError)]
        raise [*failures, *passing, *([] if self._size.has_answered else overloaded)][-1]

    def _strategies(self) -> Iterator[Strategy]:
        """The strategies worth trying, each after the one before has failed."""
        if self._count is not None and self._count <= self._size.rows:
            yield self._at_once
        if self._count is not None and self._layer.info.can_page:
            yield self._by_offset
        yield self._by_ids
        # Rows may have moved since the ids were listed; without ids there is one more strategy.
        yield self._by_ids if self._lists_ids else self._by_last_id

    @property
    def _count(self) -> int | None:
        return self._layer.info.count

    def _attempt(self, strategy: Strategy, take: Callable[[Page], None]) -> int:
        """Take the pages of one strategy; returns the number of rows.

        Raises:
            IncompleteError: Rows are missing, may be missing, or were received twice.
        """
        pages: list[Integers] = []
        rows, more = 0, None
        for page in strategy():
            take(page)
            pages.append(page.ids)
            rows += len(page.ids)
            more = page.more
            self._layer.options.progress(rows, self._count)
        ids = np.sort(np.concatenate([NO_IDS, *pages]))
        distinct = rows - int(np.count_nonzero(ids[1:] == ids[:-1]))
        if distinct != rows:
            raise self._layer.incomplete(
                f"{rows:,} rows were received, but only {distinct:,} are different"
            )
        self._layer.ask_uncached()
        self._check_complete(ids, strategy, more=bool(more))
        return rows

    def _check_complete(self, received: Integers, strategy: Strategy, *, more: bool) -> None:
        """Compare the received rows with those that the layer lists now.

        Args:
            received: The ids of the rows, ascending and distinct.
            strategy: How they were read.
            more: True if the last answer announced more rows.

        Raises:
            IncompleteError: Rows are missing, or may be missing.
        """
        before = self._layer.info
        was_by_ids = strategy in (self._by_ids, self._by_last_id)
        listed, edited = self._layer.at_once(
            self._layer.object_ids, (lambda: before.edited_at) if was_by_ids else self._edited_at
        )
        if listed is None:
            self._compare_counts(len(received))
            if not was_by_ids and more:
                raise self._layer.incomplete(
                    f"the layer counts {len(received):,} rows and announces more"
                )
            if strategy == self._by_offset:
                raise self._layer.incomplete(
                    "the layer does not list its object ids, so a row may have moved from one "
                    "page to another unseen"
                )
        elif not np.array_equal(listed, received):
            missing = np.setdiff1d(listed, received, assume_unique=True)
            deleted = np.setdiff1d(received, listed, assume_unique=True)
            raise self._layer.incomplete(
                f"rows moved while they were read: of the {len(listed):,} rows that the layer "
                f"lists, {len(missing):,} were not received, and {len(deleted):,} others were"
            )
        elif before.count != len(listed):
            self._compare_count_with_list(listed, more=more and not was_by_ids)
        if edited != before.edited_at:
            raise self._layer.incomplete("the layer was edited while it was read")

    def _compare_count_with_list(self, listed: Integers, *, more: bool) -> None:
        """Compare the layer's count with its list of ids, all of which were received.

        A list that the count does not confirm may be cut: there must be no rows outside of it.

        Raises:
            IncompleteError: The layer counts more rows than it lists, or has more.
        """
        rows, now = len(listed), self._layer.count()
        if now == rows:
            return
        if now is not None and now > rows:
            raise self._layer.incomplete(f"expected {now:,} rows, found {rows:,}")
        field = self._layer.info.object_id
        outside = f"{field} IS NOT NULL"
        if rows:
            outside = f"({field} < {listed[0]} OR {field} > {listed[-1]})"
        others = self._layer.rows_where(self._features.read, outside).ids
        if more or np.setdiff1d(others, listed).size:
            raise self._layer.incomplete(f"the layer lists {rows:,} rows, but has more")
        if now is not None:
            self._notes.add(f"the layer counts {now:,} rows but lists and answers {rows:,}")

    def _compare_counts(self, rows: int) -> None:
        """Compare the rows of a layer without a list of ids with its count.

        Raises:
            IncompleteError: Rows are missing, or may be missing.
        """
        before, now = self._count, self._layer.count()
        if rows != now:
            known = dict.fromkeys(count for count in (before, now) if count is not None)
            counted = ", then ".join(f"{count:,}" for count in known)
            raise self._layer.incomplete(f"expected {counted or 'some'} rows, found {rows:,}")

    def _edited_at(self) -> datetime | None:
        # A layer that declared no edit is compared by its rows.
        return self._layer.edited_at() if self._layer.info.edited_at else None

    def _at_once(self) -> Iterator[Page]:
        """All rows in one page."""
        yield self._layer.all_rows(self._features.read, tries=TRIES).in_id_order()
        self._size.has_answered = True

    def _by_offset(self) -> Iterator[Page]:
        """Pages by their place in the order of the object ids.

        Raises:
            IncompleteError: Pages are out of order: the service does not page as it declares.
        """
        last = None
        for page in ordered_map(
            partial(read_by_offset, self._layer, self._features.read, self._size),
            offset_pages(self._count or 0, self._size.rows),
            self._layer.options.concurrency,
            self._layer.client.stopping,
        ):
            if len(page.ids):
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
            if self._count is None and not self._layer.failures:
                raise PermanentError(
                    self._layer.client.source,
                    "the layer gives neither its count nor its object ids, so no load could be "
                    "proved complete",
                    self._layer.url,
                )
            raise self._layer.incomplete("the layer does not list its object ids")
        yield from ordered_map(
            partial(read_by_ids, self._layer, self._features.read, self._size),
            id_pages(ids, self._size.rows),
            self._layer.options.concurrency,
            self._layer.client.stopping,
        )

    def _by_last_id(self) -> Iterator[Page]:
        """Pages one after the other, each with the ids above the last one of the page before.

        Raises:
            IncompleteError: The layer grows faster than it is read.
        """
        last: int | None = None
        rows, most = 0, 2 * (self._count or 0) + 10 * self._size.rows
        while (page := read_after(self._layer, self._features.read, self._size, last)) is not None:
            yield page
            last = int(page.ids[-1])
            rows += len(page.ids)
            if rows > most:
                raise self._layer.incomplete(
                    f"the layer counted {self._count or 0:,} rows and answers with ever more"
                )
