"""What is asked of a layer, and what its answers say.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from include.loaders.arcgis.features import Page
from include.loaders.arcgis.metadata import LayerInfo, edited_at, parse_metadata
from include.loaders.errors import QueryRefusedError, SchemaError
from include.loaders.geometry.parts import Integers
from include.loaders.http_client import Client
from include.loaders.ordered_pool import in_order

Read = Callable[[Any], Page]


class Layer:
    """One layer, and the queries that it is read with."""

    def __init__(self, client: Client, url: str, where: str = "1=1") -> None:
        self._client = client
        self._url = url.split("?", maxsplit=1)[0].rstrip("/")
        self._where = where

    def info(self) -> LayerInfo:
        """The layer's metadata, without a count."""
        answer = self._client.ask(self._url, {"f": "json"})
        return parse_metadata(self._client.source, self._url, answer)

    def edited_at(self) -> datetime | None:
        """The declared last edit as it is now, in UTC; `None` if the layer declares none."""
        return edited_at(self._client.source, self._url, self._client.ask(self._url, {"f": "json"}))

    def info_with_count(self) -> LayerInfo:
        """The layer's metadata with its count, asked for at the same time."""
        info: LayerInfo
        info, count = self._together(self.info, self.count)
        return replace(info, count=count)

    def state(self) -> tuple[int | None, datetime | None]:
        """The count and the declared last edit as they are now, asked for at the same time."""
        count, edited = self._together(self.count, self.edited_at)
        return count, edited

    def count(self) -> int | None:
        """How many rows there are; `None` if the layer answers something else."""
        try:
            answer = self._query(where=self._where, returnCountOnly="true")
        except QueryRefusedError:
            return None
        count = answer.get("count")
        return count if isinstance(count, int) and count >= 0 else None

    def ids(self) -> Integers | None:
        """All object ids, ascending and distinct; `None` if the layer answers something else."""
        answer = self._query(where=self._where, returnIdsOnly="true")
        if "objectIds" not in answer:
            return None
        try:
            return np.unique(np.array(answer["objectIds"] or [], dtype=np.int64))
        except (TypeError, ValueError, OverflowError) as error:
            reason = f"the object ids are no whole numbers ({error})"
            raise SchemaError(self._client.source, reason, self._url) from error

    def page(self, info: LayerInfo, read: Read, *, start: int, size: int, only: bool) -> Page:
        """Rows by their place in the order of the object ids.

        Args:
            info: The layer's metadata.
            read: Makes a page of an answer with features.
            start: How many rows to skip.
            size: How many rows to answer at most.
            only: This page is the whole layer: old servers refuse to hear of paging.
        """
        paging = {} if only else {"resultOffset": str(start), "resultRecordCount": str(size)}
        return self._features(info, read, where=self._where, **paging)

    def between(self, info: LayerInfo, read: Read, condition: str) -> Page:
        """Rows by a condition on the object id."""
        anything = self._where.replace(" ", "") == "1=1"
        where = condition if anything else f"({self._where}) AND {condition}"
        return self._features(info, read, where=where)

    def listed(self, info: LayerInfo, read: Read, ids: Iterable[int]) -> Page:
        """Rows by their object ids."""
        return self._features(info, read, objectIds=",".join(str(one) for one in ids))

    def _features(self, info: LayerInfo, read: Read, **query: str) -> Page:
        geometry = {"returnGeometry": "false"}
        if info.geometry_type is not None:
            geometry = {
                "returnGeometry": "true",
                "outSR": "4326",
                "returnZ": "false",
                "returnM": "false",
                "returnTrueCurves": "false",
            }
        page = {"outFields": "*", "orderByFields": info.object_id, **geometry, **query, "f": "json"}
        return self._client.ask_for(f"{self._url}/query", page, read)

    def _query(self, **query: str) -> dict[str, Any]:
        answer = self._client.ask(f"{self._url}/query", {**query, "f": "json"})
        if not isinstance(answer, dict):
            reason = f"the answer to a query is a {type(answer).__name__}, not an object"
            raise SchemaError(self._client.source, reason, f"{self._url}/query")
        return answer

    def _together(self, *questions: Callable[[], Any]) -> list[Any]:
        """The answers to several questions, asked at the same time."""
        return list(in_order(_ask, questions, len(questions), self._client.stopping))


def _ask(question: Callable[[], Any]) -> Any:
    return question()
