"""The parameters of an ArcGIS query, read as the service reads them.

Names are matched in lower case. A parameter that this server does not implement (a spatial filter,
distinct values) is an error, not ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from local.sources.errors import ArcgisError, bad_query, no_paging
from local.sources.geometry import SYSTEMS
from local.sources.layer import FeatureFormat, Layer

_NOT_IMPLEMENTED: Final = ("geometry", "time", "returnextentonly", "returndistinctvalues", "having")


@dataclass(frozen=True)
class Parameters:
    """A valid query.

    Attributes:
        where: The `where` clause, if any.
        ids: The object ids, if any.
        order: The fields to sort by, and whether they descend.
        offset: The position of the first row.
        limit: The largest number of rows.
        format: The format of features.
        count_only: Only the number of rows is requested.
        ids_only: Only the object ids are requested.
        statistics: The requested statistics, as in `outStatistics`.
    """

    where: str | None
    ids: frozenset[int] | None
    order: tuple[tuple[str, bool], ...]
    offset: int
    limit: int
    format: FeatureFormat
    count_only: bool
    ids_only: bool
    statistics: tuple[dict[str, Any], ...]


def read_parameters(texts: Mapping[str, str], layer: Layer) -> Parameters:
    """Parse a client's parameters.

    Args:
        texts: The parameters by their name in lower case; `f` is json, pjson or geojson. The
            service ignores names that it does not know.
        layer: The queried layer; its page size caps `limit`, and its metadata says whether it
            supports an order and an offset.

    Raises:
        ArcgisError: The query is invalid.
    """
    reader = _Reader(texts, layer)
    for name in _NOT_IMPLEMENTED:
        if texts.get(name, "").lower() not in ("", "false"):
            raise reader.invalid(name)
    where, ids = texts.get("where") or None, reader.ids()
    if where is None and ids is None:
        raise reader.invalid("where")
    if is_paged(texts) and not reader.supports("supportsPagination"):
        raise no_paging()
    geojson = texts["f"].lower() == "geojson"
    return Parameters(
        where=where,
        ids=ids,
        order=reader.order(),
        offset=reader.whole("resultoffset", 0),
        limit=min(reader.whole("resultrecordcount", layer.page_size), layer.page_size),
        format=FeatureFormat(
            geojson=geojson,
            wkid=reader.system(4326 if geojson else 102100),
            fields=reader.fields(),
            geometry=texts.get("returngeometry", "true").lower() != "false",
            decimals=reader.whole("geometryprecision", 0)
            if texts.get("geometryprecision")
            else None,
        ),
        count_only=texts.get("returncountonly", "").lower() == "true",
        ids_only=texts.get("returnidsonly", "").lower() == "true",
        statistics=reader.statistics(),
    )


def is_paged(texts: Mapping[str, str]) -> bool:
    """True for a query that skips rows or limits their number."""
    return any(texts.get(name) for name in ("resultoffset", "resultrecordcount"))


class _Reader:
    def __init__(self, texts: Mapping[str, str], layer: Layer) -> None:
        self.texts = texts
        self.layer = layer

    def invalid(self, name: str) -> ArcgisError:
        return bad_query(f"'{name}' parameter is invalid", hosted=self.layer.hosted)

    def supports(self, capability: str) -> bool:
        declared = self.layer.meta.get("advancedQueryCapabilities") or {}
        return declared.get(capability) is not False

    def field(self, name: str, parameter: str) -> str:
        try:
            return self.layer.names[name.strip().lower()]
        except KeyError:
            raise self.invalid(parameter) from None

    def whole(self, name: str, default: int) -> int:
        text = self.texts.get(name) or str(default)
        if not text.isdecimal():
            raise self.invalid(name)
        return int(text)

    def ids(self) -> frozenset[int] | None:
        text = self.texts.get("objectids")
        if not text:
            return None
        try:
            return frozenset(int(part) for part in text.split(","))
        except ValueError:
            raise self.invalid("objectIds") from None

    def fields(self) -> tuple[str, ...]:
        names = self.texts.get("outfields") or self.layer.object_id
        if "*" in names:
            return self.layer.fields
        fields = [self.field(name, "outFields") for name in names.split(",")]
        return tuple(dict.fromkeys(fields))

    def order(self) -> tuple[tuple[str, bool], ...]:
        text = self.texts.get("orderbyfields") or ""
        order = []
        if text and not self.supports("supportsOrderBy"):
            raise self.invalid("orderByFields")
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, _, direction = part.partition(" ")
            if direction.strip().upper() not in ("", "ASC", "DESC"):
                raise self.invalid("orderByFields")
            descending = direction.strip().upper() == "DESC"
            order.append((self.field(name, "orderByFields"), descending))
        return tuple(order)

    def system(self, default: int) -> int:
        text = self.texts.get("outsr")
        try:
            system = orjson.loads(text) if text else default
            wkid = system["wkid"] if isinstance(system, dict) else system
            return SYSTEMS[wkid][0]
        except (ValueError, KeyError, TypeError):
            raise self.invalid("outSR") from None

    def statistics(self) -> tuple[dict[str, Any], ...]:
        text = self.texts.get("outstatistics")
        try:
            return tuple(dict(statistic) for statistic in orjson.loads(text)) if text else ()
        except (ValueError, TypeError):
            raise self.invalid("outStatistics") from None
