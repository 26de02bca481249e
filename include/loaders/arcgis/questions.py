"""What is asked of a layer, and what its answers say.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/query-feature-service-layer/
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from include.loaders.arcgis.metadata import LayerInfo, edited_at, parse_metadata
from include.loaders.client import Client
from include.loaders.errors import QueryRefusedError, SchemaError
from include.loaders.geometry.parts import Integers


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

    def edited_at(self) -> Any:  # noqa: ANN401
        """The declared last edit as it is now; a `datetime` in UTC or `None`."""
        return edited_at(self._client.source, self._url, self._client.ask(self._url, {"f": "json"}))

    def count(self) -> int | None:
        """How many rows there are; `None` if the layer answers something else."""
        answer = self._query(where=self._where, returnCountOnly="true")
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

    def page(self, info: LayerInfo, *, start: int, size: int, only: bool) -> dict[str, Any]:
        """Rows by their place in the order of the object ids.

        Args:
            info: The layer's metadata.
            start: How many rows to skip.
            size: How many rows to answer at most.
            only: This page is the whole layer: old servers refuse to hear of paging.
        """
        paging = {} if only else {"resultOffset": str(start), "resultRecordCount": str(size)}
        return self._features(info, where=self._where, **paging)

    def between(self, info: LayerInfo, condition: str) -> dict[str, Any]:
        """Rows by a condition on the object id."""
        anything = self._where.replace(" ", "") == "1=1"
        where = condition if anything else f"({self._where}) AND {condition}"
        return self._features(info, where=where)

    def listed(self, info: LayerInfo, ids: Iterable[int]) -> dict[str, Any]:
        """Rows by their object ids."""
        return self._features(info, objectIds=",".join(str(one) for one in ids))

    def _features(self, info: LayerInfo, **query: str) -> dict[str, Any]:
        geometry = {"returnGeometry": "false"}
        if info.geometry_type is not None:
            geometry = {
                "returnGeometry": "true",
                "outSR": "4326",
                "returnZ": "false",
                "returnM": "false",
                "returnTrueCurves": "false",
            }
        return self._query(outFields="*", orderByFields=info.object_id, **geometry, **query)

    def _query(self, **query: str) -> dict[str, Any]:
        answer = self._client.ask(f"{self._url}/query", {**query, "f": "json"})
        if not isinstance(answer, dict):
            reason = f"the answer to a query is a {type(answer).__name__}, not an object"
            raise SchemaError(self._client.source, reason, f"{self._url}/query")
        return answer


def with_count(layer: Layer, info: LayerInfo) -> LayerInfo:
    """The metadata with the layer's count as it is now, where it tells one."""
    try:
        return replace(info, count=layer.count())
    except QueryRefusedError:
        return replace(info, count=None)
