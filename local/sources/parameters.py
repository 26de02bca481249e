"""The parameters of an ArcGIS query, read as the service reads them.

Names are matched in lower case. What the layer refuses is an `ArcgisError`; what a client
asks for that this server cannot do (a spatial filter, distinct values) is refused, not ignored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from local.sources.errors import ArcgisError, bad_query
from local.sources.geometry import SYSTEMS
from local.sources.layer import Layer, Look

_REFUSED: Final = ("geometry", "time", "returnextentonly", "returndistinctvalues", "having")


@dataclass(frozen=True)
class Parameters:
    """A checked query: which rows, in which order, from where to where, and how they look."""

    where: str | None
    ids: frozenset[int] | None
    order: tuple[tuple[str, bool], ...]
    offset: int
    limit: int
    look: Look
    count_only: bool
    ids_only: bool
    statistics: tuple[dict[str, Any], ...]


def read_parameters(given: Mapping[str, str], layer: Layer) -> Parameters:
    """Check a client's parameters against a layer.

    Args:
        given: Names in lower case, and their text; `f` is one of json, pjson and geojson.
        layer: The layer that is asked; its page size caps `limit`.

    Raises:
        ArcgisError: The service would refuse the query.
    """
    asked = _Reader(given, layer)
    for name in _REFUSED:
        if given.get(name, "").lower() not in ("", "false"):
            raise asked.refusal(name)
    where, ids = given.get("where") or None, asked.ids()
    if where is None and ids is None:
        raise asked.refusal("where")
    geojson = given["f"].lower() == "geojson"
    return Parameters(
        where=where,
        ids=ids,
        order=asked.order(),
        offset=asked.whole("resultoffset", 0),
        limit=min(asked.whole("resultrecordcount", layer.page_size), layer.page_size),
        look=Look(
            geojson=geojson,
            wkid=asked.system(4326 if geojson else 102100),
            fields=asked.fields(),
            geometry=given.get("returngeometry", "true").lower() != "false",
            decimals=asked.whole("geometryprecision", 0)
            if given.get("geometryprecision")
            else None,
        ),
        count_only=given.get("returncountonly", "").lower() == "true",
        ids_only=given.get("returnidsonly", "").lower() == "true",
        statistics=asked.statistics(),
    )


class _Reader:
    def __init__(self, given: Mapping[str, str], layer: Layer) -> None:
        self.given = given
        self.layer = layer

    def refusal(self, name: str) -> ArcgisError:
        return bad_query(f"'{name}' parameter is invalid", hosted=self.layer.hosted)

    def field(self, name: str, parameter: str) -> str:
        try:
            return self.layer.names[name.strip().lower()]
        except KeyError:
            raise self.refusal(parameter) from None

    def whole(self, name: str, default: int) -> int:
        text = self.given.get(name) or str(default)
        if not text.isdecimal():
            raise self.refusal(name)
        return int(text)

    def ids(self) -> frozenset[int] | None:
        text = self.given.get("objectids")
        if not text:
            return None
        try:
            return frozenset(int(part) for part in text.split(","))
        except ValueError:
            raise self.refusal("objectIds") from None

    def fields(self) -> tuple[str, ...]:
        asked = self.given.get("outfields") or self.layer.object_id
        if "*" in asked:
            return self.layer.fields
        chosen = [self.field(name, "outFields") for name in asked.split(",")]
        return tuple(dict.fromkeys(chosen))

    def order(self) -> tuple[tuple[str, bool], ...]:
        text = self.given.get("orderbyfields") or ""
        order = []
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, _, direction = part.partition(" ")
            if direction.strip().upper() not in ("", "ASC", "DESC"):
                raise self.refusal("orderByFields")
            descending = direction.strip().upper() == "DESC"
            order.append((self.field(name, "orderByFields"), descending))
        return tuple(order)

    def system(self, default: int) -> int:
        text = self.given.get("outsr")
        try:
            asked = orjson.loads(text) if text else default
            wkid = asked["wkid"] if isinstance(asked, dict) else asked
            return SYSTEMS[wkid][0]
        except (ValueError, KeyError, TypeError):
            raise self.refusal("outSR") from None

    def statistics(self) -> tuple[dict[str, Any], ...]:
        text = self.given.get("outstatistics")
        try:
            return tuple(dict(wanted) for wanted in orjson.loads(text)) if text else ()
        except (ValueError, TypeError):
            raise self.refusal("outStatistics") from None
