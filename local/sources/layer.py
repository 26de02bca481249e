"""One ArcGIS layer in memory: its metadata, its rows, and its features ready to send.

A feature is encoded once for every (format, coordinate system, fields) that a client asks
for, so that a page is a join of bytes.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from local.sources.geometry import Rings, as_geojson, rounded, to_wgs84
from local.sources.where import Row, parse_where

Json = dict[str, Any]
_T = TypeVar("_T")

_KEPT: Final = 8


class Look(NamedTuple):
    """How a client wants features to look. `fields` are names of the layer's, in its case."""

    geojson: bool
    wkid: int
    fields: tuple[str, ...]
    geometry: bool
    decimals: int | None = None


class Layer:
    """A layer's metadata, attributes and shapes; `missing` rows are counted but never sent."""

    def __init__(
        self,
        meta: Json,
        rows: Sequence[Json],
        shapes: Sequence[Rings | None],
        missing: frozenset[int] = frozenset(),
    ) -> None:
        self.meta = meta
        self.rows = rows
        self.missing = missing
        self.hosted: bool = "uniqueIdField" in meta
        self.object_id: str = meta["objectIdField"]
        self.page_size: int = meta["maxRecordCount"]
        self.fields: tuple[str, ...] = tuple(
            field["name"] for field in meta["fields"] if field["type"] != "esriFieldTypeGeometry"
        )
        self.names = {name.lower(): name for name in self.fields}
        self._mercator = shapes
        self._degrees: Sequence[Rings | None] | None = None
        self._encoded: OrderedDict[Any, list[bytes]] = OrderedDict()
        self._chosen: OrderedDict[Any, list[int]] = OrderedDict()

    def shapes(self, wkid: int) -> Sequence[Rings | None]:
        """Every row's rings in one of the two systems; WGS84 is projected once."""
        if wkid != 4326:  # noqa: PLR2004  the number is the system's name
            return self._mercator
        if self._degrees is None:
            self._degrees = to_wgs84(self._mercator)
        return self._degrees

    def select(self, where: str | None, ids: frozenset[int] | None) -> list[int]:
        """The places of the rows that a client asks for, in the order of the data.

        Raises:
            WhereError: The clause is not understood.
        """
        return _kept(self._chosen, (where, ids), lambda: self._select(where, ids))

    def _select(self, where: str | None, ids: frozenset[int] | None) -> list[int]:
        accepts: Callable[[Row], bool] | None = (
            None if where is None else parse_where(where, self.names)
        )
        return [
            place
            for place, row in enumerate(self.rows)
            if (ids is None or row[self.object_id] in ids) and (accepts is None or accepts(row))
        ]

    def encoded(self, look: Look) -> list[bytes]:
        """Every row as the bytes of one feature of that look."""
        return _kept(self._encoded, look, lambda: self._encode(look))

    def _encode(self, look: Look) -> list[bytes]:
        feature = self._geojson if look.geojson else self._esri
        return [
            orjson.dumps(feature(row, rings, look))
            for row, rings in zip(self.rows, self.shapes(look.wkid), strict=True)
        ]

    def _shape(self, rings: Rings | None, look: Look) -> Rings | None:
        return rings if rings is None or look.decimals is None else rounded(rings, look.decimals)

    def _esri(self, row: Json, rings: Rings | None, look: Look) -> Json:
        feature: Json = {"attributes": {name: row.get(name) for name in look.fields}}
        # A shape that is null is left out by a hosted layer, and has no rings in a map service.
        if look.geometry and (rings is not None or not self.hosted):
            feature["geometry"] = {"rings": self._shape(rings, look) or []}
        return feature

    def _geojson(self, row: Json, rings: Rings | None, look: Look) -> Json:
        shape = as_geojson(self._shape(rings, look), hosted=self.hosted) if look.geometry else None
        properties = {name: row.get(name) for name in look.fields}
        oid = row[self.object_id]
        return {"type": "Feature", "id": oid, "geometry": shape, "properties": properties}


def _kept(store: OrderedDict[Any, _T], key: Any, make: Callable[[], _T]) -> _T:
    """The value for a key, made if need be; a store keeps the few that were used last."""
    if key not in store:
        store[key] = make()
        if len(store) > _KEPT:
            store.popitem(last=False)
    store.move_to_end(key)
    return store[key]
