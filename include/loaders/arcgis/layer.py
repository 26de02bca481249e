"""The REST client of one ArcGIS layer: its metadata, its count, its object ids and its rows.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from include.loaders.arcgis.declarations import flag
from include.loaders.arcgis.features import Page
from include.loaders.arcgis.metadata import parse_edit_date, parse_metadata
from include.loaders.columns import Column, to_array
from include.loaders.errors import IncompleteError, OverloadedError, QueryRefusedError, SchemaError
from include.loaders.excerpts import short_repr
from include.loaders.geometry.parts import Integers
from include.loaders.http_client import Client
from include.loaders.options import LoadOptions
from include.loaders.ordered_pool import ordered_map

# Makes a page of a response with features.
Parse = Callable[[Any], Page]

OBJECT_ID = Column("objectIds", "integer")
# How often a small query is sent if the server fails at it.
TRIES = 3


class Layer:
    """One layer, with everything that is needed to read it.

    A new layer requests its metadata and its count, both at once.

    Attributes:
        client: Sends the requests.
        url: The layer's address, up to its number.
        options: The rows to read, and how to read them.
        info: The layer's structure, last edit and count.
        failures: Why the server did not give a count or a list of ids that it did not refuse.
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
        self.failures: list[OverloadedError] = []
        self.ask_uncached()
        metadata, count = self.at_once(self._metadata, self.count)
        self.info = replace(parse_metadata(client.source, self.url, metadata), count=count)

    def ask_uncached(self) -> None:
        """Make the requests from now on unlike any earlier one, by a parameter that it ignores.

        ArcGIS Online caches the answers of public layers by their address, for 30 seconds to an
        hour. A new edit date with old rows would hide the edit until the next one.
        https://doc.arcgis.com/en/arcgis-online/manage-data/control-cache.htm
        """
        self._unlike = {"_": secrets.token_hex(4)}

    def count(self) -> int | None:
        """The number of rows now; `None` if the layer does not answer with a count."""
        answer = self._query_or_none(where=self.options.where, returnCountOnly="true")
        count = answer.get("count") if answer else None
        return count if type(count) is int and count >= 0 else None

    def recount(self) -> None:
        """Read the count again into `info`."""
        self.info = replace(self.info, count=self.count())

    def edited_at(self) -> datetime | None:
        """The declared last edit as it is now."""
        return parse_edit_date(self.client.source, self.url, self._metadata())

    def object_ids(self) -> Integers | None:
        """All object ids, ascending and distinct; `None` if the layer does not list them all.

        Raises:
            SchemaError: The ids are not whole numbers.
        """
        answer = self._query_or_none(where=self.options.where, returnIdsOnly="true")
        if answer is None or "objectIds" not in answer:
            return None
        if flag(answer.get("exceededTransferLimit")):
            return None
        ids = [] if answer["objectIds"] is None else answer["objectIds"]
        if not isinstance(ids, list):
            reason = f"the object ids are not a list but {short_repr(ids)}"
            raise SchemaError(self.client.source, reason, self.url)
        column = to_array(ids, OBJECT_ID, self.client.source, _position)
        if column.null_count:
            reason = f"{column.null_count:,} of the layer's object ids are null"
            raise SchemaError(self.client.source, reason, self.url)
        return np.unique(column.to_numpy())

    def rows_at(self, parse: Parse, start: int, size: int, *, tries: int | None = None) -> Page:
        """One page of rows, by offset, ordered by object id.

        Args:
            parse: Makes a page of the response.
            start: How many rows to skip.
            size: The most rows to answer.
            tries: How often at most to request them if the server fails; `None` for as long as
                the options say.
        """
        return self._rows(
            parse,
            tries,
            in_order=True,
            where=self.options.where,
            resultOffset=str(start),
            resultRecordCount=str(size),
        )

    def all_rows(self, parse: Parse, *, tries: int | None = None) -> Page:
        """All rows in one answer, without paging and order, which old servers refuse."""
        return self._rows(parse, tries, where=self.options.where)

    def rows_where(
        self, parse: Parse, condition: str, *, in_order: bool = False, tries: int | None = None
    ) -> Page:
        """The rows that also meet an SQL condition on the object id.

        Args:
            parse: Makes a page of the response.
            condition: The condition.
            in_order: Request the rows in the order of their ids, if the layer can.
            tries: As in `rows_at`.
        """
        selects_all = self.options.where.replace(" ", "") == "1=1"
        where = condition if selects_all else f"({self.options.where}) AND {condition}"
        return self._rows(parse, tries, in_order=in_order, where=where)

    def rows_with_ids(self, parse: Parse, ids: Iterable[int], *, tries: int | None = None) -> Page:
        """The rows with these object ids."""
        return self._rows(parse, tries, objectIds=",".join(str(number) for number in ids))

    def incomplete(self, reason: str) -> IncompleteError:
        """The error for rows of this layer that are missing or may be missing."""
        return IncompleteError(self.client.source, reason, self.url)

    def _rows(
        self, parse: Parse, tries: int | None, *, in_order: bool = False, **query: str
    ) -> Page:
        asked = {"outFields": "*", "returnGeometry": "false"}
        if self.info.geometry_type is not None:
            asked |= {
                "returnGeometry": "true",
                "outSR": "4326",
                "returnZ": "false",
                "returnM": "false",
                "returnTrueCurves": "false",
            }
        if in_order and self.info.can_order:
            asked["orderByFields"] = self.info.object_id
        return self.client.read(
            f"{self.url}/query", {**asked, **query, **self._unlike, "f": "json"}, parse, tries=tries
        )

    def _query_or_none(self, **query: str) -> dict[str, Any] | None:
        """The answer to a small query; `None` if the service refuses it or always fails at it.

        Raises:
            SchemaError: The answer is not an object.
        """
        try:
            answer = self.client.read_json(
                f"{self.url}/query", {**query, **self._unlike, "f": "json"}, tries=TRIES
            )
        except QueryRefusedError:
            return None
        except OverloadedError as error:
            self.failures.append(error)
            return None
        if not isinstance(answer, dict):
            reason = f"the answer to a query is a {type(answer).__name__}, not an object"
            raise SchemaError(self.client.source, reason, f"{self.url}/query")
        return answer

    def _metadata(self) -> Any:
        return self.client.read_json(self.url, {**self._unlike, "f": "json"})

    def at_once(self, *requests: Callable[[], Any]) -> list[Any]:
        """The results of several requests that are sent at the same time."""
        return list(ordered_map(_call, requests, len(requests), self.client.stopping))


def _call(request: Callable[[], Any]) -> Any:
    return request()


def _position(position: int) -> str:
    return f"the object ids are not all whole numbers, entry {position + 1:,}"
