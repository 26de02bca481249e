"""A layer read completely, or not at all.

The count is the truth. A layer is read by offset where it says that it can be; where that does
not bring the rows that were counted, the layer is found out and read by its object ids.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from include.loaders.arcgis.features import FeatureReader, Page
from include.loaders.arcgis.metadata import LayerInfo
from include.loaders.arcgis.questions import Layer
from include.loaders.arcgis.ways import Ways
from include.loaders.client import Client
from include.loaders.errors import IncompleteError, LoadError, QueryRefusedError
from include.loaders.memory import no_cycle_search
from include.loaders.notes import Notes
from include.loaders.options import LoadOptions

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
