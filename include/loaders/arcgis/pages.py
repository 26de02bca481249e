"""One page, asked for until it is there: short and empty answers are no ends."""

from include.loaders.arcgis.features import FeatureReader, Page, joined
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.arcgis.planner import IdPage, OffsetPage
from include.loaders.arcgis.questions import Layer
from include.loaders.client import Client
from include.loaders.errors import IncompleteError

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
