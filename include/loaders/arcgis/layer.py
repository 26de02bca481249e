"""The REST client of one ArcGIS layer: its metadata, its count, its object ids and its rows.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from include.loaders.arcgis.features import Page
from include.loaders.arcgis.metadata import parse_edit_date, parse_metadata
from include.loaders.errors import IncompleteError, QueryRefusedError, SchemaError
from include.loaders.geometry.parts import Integers
from include.loaders.http_client import Client
from include.loaders.options import LoadOptions
from include.loaders.ordered_pool import ordered_map

# Makes a page of a response with features.
Parse = Callable[[Any], Page]


class Layer:
    """One layer, with everything that is needed to read it.

    A new layer requests its metadata and its count, both at once.

    Attributes:
        client: Sends the requests.
        url: The layer's address, up to its number.
        options: The rows to read, and how to read them.
        info: The layer's structure, last edit and count.
    """

    def __init__(self, client: Client, url: str, options: LoadOptions) -> None:
        """Read the layer's metadata and count.

        Raises:
            TransientError: The service does not answer.
            PermanentError: The address is not a layer that can be read.
        """
        self.client = client
        self.url = url.split("?", maxsplit=1)[0].rstrip("/")
        self.options = options
        metadata, count = self._at_once(self._metadata, self.count)
        self.info = replace(parse_metadata(client.source, self.url, metadata), count=count)

    def count(self) -> int | None:
        """The number of rows now; `None` if the layer does not answer with a count."""
        try:
            answer = self._query(where=self.options.where, returnCountOnly="true")
        except QueryRefusedError:
            return None
        count = answer.get("count")
        return count if isinstance(count, int) and count >= 0 else None

    def recount(self) -> None:
        """Read the count again into `info`."""
        self.info = replace(self.info, count=self.count())

    def count_and_edit_date(self) -> tuple[int | None, datetime | None]:
        """The count and the declared last edit as they are now, both requested at once."""
        count, metadata = self._at_once(self.count, self._metadata)
        return count, parse_edit_date(self.client.source, self.url, metadata)

    def object_ids(self) -> Integers | None:
        """All object ids, ascending and distinct; `None` if the layer does not list them.

        Raises:
            SchemaError: The ids are not whole numbers.
        """
        answer = self._query(where=self.options.where, returnIdsOnly="true")
        if "objectIds" not in answer:
            return None
        try:
            return np.unique(np.array(answer["objectIds"] or [], dtype=np.int64))
        except (TypeError, ValueError, OverflowError) as error:
            reason = f"the object ids are not whole numbers ({error})"
            raise SchemaError(self.client.source, reason, self.url) from error

    def rows_at(self, parse: Parse, start: int, size: int) -> Page:
        """One page of rows, by offset, ordered by object id.

        Args:
            parse: Makes a page of the response.
            start: How many rows to skip.
            size: The most rows to answer.
        """
        return self._rows(
            parse,
            where=self.options.where,
            resultOffset=str(start),
            resultRecordCount=str(size),
        )

    def all_rows(self, parse: Parse) -> Page:
        """All rows in one answer, without paging, which old servers refuse."""
        return self._rows(parse, where=self.options.where)

    def rows_where(self, parse: Parse, condition: str) -> Page:
        """The rows that also meet an SQL condition on the object id."""
        selects_all = self.options.where.replace(" ", "") == "1=1"
        where = condition if selects_all else f"({self.options.where}) AND {condition}"
        return self._rows(parse, where=where)

    def rows_with_ids(self, parse: Parse, ids: Iterable[int]) -> Page:
        """The rows with these object ids."""
        return self._rows(parse, objectIds=",".join(str(number) for number in ids))

    def incomplete(self, reason: str) -> IncompleteError:
        """The error for rows of this layer that are missing or may be missing."""
        return IncompleteError(self.client.source, reason, self.url)

    def _rows(self, parse: Parse, **query: str) -> Page:
        geometry = {"returnGeometry": "false"}
        if self.info.geometry_type is not None:
            geometry = {
                "returnGeometry": "true",
                "outSR": "4326",
                "returnZ": "false",
                "returnM": "false",
                "returnTrueCurves": "false",
            }
        order = {"outFields": "*", "orderByFields": self.info.object_id}
        return self.client.read(
            f"{self.url}/query", {**order, **geometry, **query, "f": "json"}, parse
        )

    def _query(self, **query: str) -> dict[str, Any]:
        answer = self.client.read_json(f"{self.url}/query", {**query, "f": "json"})
        if not isinstance(answer, dict):
            reason = f"the answer to a query is a {type(answer).__name__}, not an object"
            raise SchemaError(self.client.source, reason, f"{self.url}/query")
        return answer

    def _metadata(self) -> Any:
        return self.client.read_json(self.url, {"f": "json"})

    def _at_once(self, *requests: Callable[[], Any]) -> list[Any]:
        return list(ordered_map(_call, requests, len(requests), self.client.stopping))


def _call(request: Callable[[], Any]) -> Any:
    return request()
