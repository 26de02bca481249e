"""A layer read completely, or not at all.

The count is the truth. A layer is read by offset where it says that it can be; where that does
not bring the rows that were counted, the layer is found out and read by its object ids.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from include.loaders.arcgis.features import FeatureReader, Page
from include.loaders.arcgis.layer import Layer
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.arcgis.pages import PageReader, id_pages, offset_pages, page_size
from include.loaders.errors import IncompleteError, LoadError, PermanentError, QueryRefusedError
from include.loaders.http_client import Client
from include.loaders.memory import no_cycle_search
from include.loaders.options import LoadOptions
from include.loaders.ordered_pool import in_order
from include.loaders.report import Notes

Way = Callable[[LayerInfo], Iterator[Page]]


class Ways:
    """Reads one layer by offset, by its object ids, or page after page by the last id."""

    def __init__(
        self, client: Client, layer: Layer, features: FeatureReader, options: LoadOptions
    ) -> None:
        self._client = client
        self._layer = layer
        self._features = features
        self._options = options
        self._tells_ids = True
        self._by_place = False

    def in_turn(self, info: LayerInfo) -> Iterator[Way]:
        """The ways worth trying, the next one when the last one has failed."""
        if info.count is not None and (info.can_page or info.count <= self._size(info)):
            self._by_place = True
            yield self._by_offset
        self._by_place = False
        yield self._by_ids
        # Rows may have moved since the ids were told; without ids there is one more way.
        yield self._by_ids if self._tells_ids else self._by_last_id

    def check_after(self, info: LayerInfo, found: int) -> None:
        """The rows that one way brought, against the layer as it is now.

        Rows that come or go while others are skipped by offset shift them: one may be missed
        although the number is right. Read by id, no row can hide behind another.

        Raises:
            IncompleteError: They are not all, or some may have been missed.
        """
        before = info.count
        now, edited = self._layer.state() if info.edited_at else (self._layer.count(), None)
        if now is None and (ids := self._layer.ids()) is not None:
            now = len(ids)
        if found != now:
            counted = f"{now:,}" if before in (now, None) else f"{before:,}, then {now:,}"
            raise self._incomplete(info, f"expected {counted} rows, found {found:,}")
        if self._by_place:
            if before != now:
                reason = f"rows moved while they were read: {before:,}, then {now:,}"
                raise self._incomplete(info, reason)
            if edited != info.edited_at:
                raise self._incomplete(info, "the layer was edited while it was read")

    def _by_offset(self, info: LayerInfo) -> Iterator[Page]:
        """Pages by their place in the order of the ids; out of order means paging is untrue."""
        total = info.count or 0
        only = total <= self._size(info)
        pages = PageReader(self._client, self._layer, info, self._features)
        last = None
        for page in in_order(
            lambda one: pages.by_offset(one, only=only),
            offset_pages(total, self._size(info)),
            self._options.concurrency,
            self._client.stopping,
        ):
            if last is not None and page.ids[0] <= last:
                reason = f"pages repeat or are out of order: {info.object_id} {page.ids[0]} after "
                raise self._incomplete(info, f"{reason}{last}")
            last = page.ids[-1]
            yield page

    def _by_ids(self, info: LayerInfo) -> Iterator[Page]:
        """Pages by the object ids that the layer lists."""
        ids = self._layer.ids()
        if ids is None:
            self._tells_ids = False
            if info.count is None:
                reason = "the layer tells neither its count nor its object ids: nothing could prove"
                raise PermanentError(
                    self._client.source, f"{reason} that a load is complete", info.url
                )
            raise self._incomplete(info, "the layer does not tell its object ids")
        pages = PageReader(self._client, self._layer, info, self._features)
        yield from in_order(
            pages.by_ids,
            id_pages(ids, self._size(info)),
            self._options.concurrency,
            self._client.stopping,
        )

    def _by_last_id(self, info: LayerInfo) -> Iterator[Page]:
        """Each page with the ids above the last one of the page before."""
        pages = PageReader(self._client, self._layer, info, self._features)
        last: int | None = None
        while (page := pages.after(last)) is not None:
            yield page
            last = int(page.ids[-1])

    def _size(self, info: LayerInfo) -> int:
        return page_size(self._options.page_size, info.page_cap)

    def _incomplete(self, info: LayerInfo, reason: str) -> IncompleteError:
        return IncompleteError(self._client.source, reason, info.url)


Take = Callable[[Page], None]


class LayerReader:
    """Reads one layer, in one way after the other until one is complete.

    Attributes:
        schema: The Arrow schema of the rows: the declared fields and `GEOMETRY`.
        notes: What a person should know about the rows that were read.
    """

    def __init__(
        self,
        client: Client,
        layer: Layer,
        info: LayerInfo,
        options: LoadOptions,
        required: tuple[str, ...] = (),
    ) -> None:
        self.notes = Notes()
        features = FeatureReader(info, required, self.notes)
        self.schema = features.schema
        self._client = client
        self._layer = layer
        self._info = info
        self._options = options
        self._ways = Ways(client, layer, features, options)

    def read(self, begin: Callable[[], None], take: Take) -> int:
        """Read every row; returns how many.

        Args:
            begin: Called before each attempt; what was taken before it does not count.
            take: Called with each page.

        Raises:
            IncompleteError: No way of reading brought the rows that the layer counts.
            LoadError: The layer cannot be read at all.
        """
        failure: LoadError | None = None
        for way in self._ways.in_turn(self._info):
            begin()
            self.notes.clear()
            if failure is not None:
                self._info = replace(self._info, count=self._layer.count())
            try:
                with no_cycle_search():
                    return self._attempt(way(self._info), take)
            except (IncompleteError, QueryRefusedError) as error:
                failure = error
        assert failure is not None  # noqa: S101  # There is always a way to try.
        raise failure

    def _attempt(self, pages: Iterator[Page], take: Take) -> int:
        """Take the pages of one way; rows that move while it reads fail it or do not count."""
        parts = [np.empty(0, dtype=np.int64)]
        rows = 0
        for page in pages:
            take(page)
            parts.append(page.ids)
            rows += len(page.ids)
            self._options.progress(rows, self._info.count)
        ids = np.sort(np.concatenate(parts))
        distinct = rows - int(np.count_nonzero(ids[1:] == ids[:-1]))
        if distinct != rows:
            reason = f"{rows:,} rows came, but only {distinct:,} different ones"
            raise IncompleteError(self._client.source, reason, self._info.url)
        if len(parts) > 2 or distinct != self._info.count:  # noqa: PLR2004  # More than one page.
            self._ways.check_after(self._info, distinct)
        return distinct
