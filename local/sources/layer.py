"""One ArcGIS layer in memory: its metadata, its rows, and its encoded features.

Features are encoded once for each format that a client requests, so a page is a join of bytes.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from local.sources.geometry import Rings, as_geojson, rounded, to_wgs84
from local.sources.where import Row, parse_where

Json = dict[str, Any]
_K = TypeVar("_K")
_V = TypeVar("_V")

_CACHE_SIZE: Final = 8
_WGS84: Final = 4326


class FeatureFormat(NamedTuple):
    """The requested format of features.

    Attributes:
        geojson: GeoJSON instead of Esri JSON.
        wkid: The coordinate system.
        fields: The fields, as the layer spells them.
        geometry: Whether shapes are sent.
        decimals: The decimals of coordinates; `None` for all.
    """

    geojson: bool
    wkid: int
    fields: tuple[str, ...]
    geometry: bool
    decimals: int | None = None


class Layer:
    """A layer.

    Args:
        meta: Its metadata.
        rows: The attributes of its features.
        shapes: The rings of its features, in web mercator.
        missing: The positions of rows that are counted but never sent.
    """

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
        self._encoded: OrderedDict[FeatureFormat, list[bytes]] = OrderedDict()
        self._selected: OrderedDict[tuple[str | None, frozenset[int] | None], list[int]] = (
            OrderedDict()
        )

    def shapes(self, wkid: int) -> Sequence[Rings | None]:
        """Every row's rings in WGS84 (4326), which is projected once, or in web mercator."""
        if wkid != _WGS84:
            return self._mercator
        if self._degrees is None:
            self._degrees = to_wgs84(self._mercator)
        return self._degrees

    def select(self, where: str | None, ids: frozenset[int] | None) -> list[int]:
        """The positions of the rows that match, in the order of the data.

        Args:
            where: The `where` clause; `None` for every row.
            ids: The object ids; `None` for every row.

        Raises:
            WhereError: The clause is not understood.
        """
        return _cached(self._selected, (where, ids), lambda: self._select(where, ids))

    def _select(self, where: str | None, ids: frozenset[int] | None) -> list[int]:
        accepts: Callable[[Row], bool] | None = (
            None if where is None else parse_where(where, self.names)
        )
        return [
            position
            for position, row in enumerate(self.rows)
            if (ids is None or row[self.object_id] in ids) and (accepts is None or accepts(row))
        ]

    def encoded(self, format_: FeatureFormat) -> list[bytes]:
        """Every row as the bytes of one feature of that format."""
        return _cached(self._encoded, format_, lambda: self._encode(format_))

    def _encode(self, format_: FeatureFormat) -> list[bytes]:
        feature = self._geojson if format_.geojson else self._esri
        return [
            orjson.dumps(feature(row, rings, format_))
            for row, rings in zip(self.rows, self.shapes(format_.wkid), strict=True)
        ]

    def _esri(self, row: Json, rings: Rings | None, format_: FeatureFormat) -> Json:
        feature: Json = {"attributes": {name: row.get(name) for name in format_.fields}}
        # Without a shape, a hosted layer sends no geometry and a map service one without rings.
        if format_.geometry and (rings is not None or not self.hosted):
            feature["geometry"] = {"rings": _rounded(rings, format_) or []}
        return feature

    def _geojson(self, row: Json, rings: Rings | None, format_: FeatureFormat) -> Json:
        return {
            "type": "Feature",
            "id": row[self.object_id],
            "geometry": as_geojson(_rounded(rings, format_), hosted=self.hosted)
            if format_.geometry
            else None,
            "properties": {name: row.get(name) for name in format_.fields},
        }


def _rounded(rings: Rings | None, format_: FeatureFormat) -> Rings | None:
    return rings if rings is None or format_.decimals is None else rounded(rings, format_.decimals)


def _cached(cache: OrderedDict[_K, _V], key: _K, make: Callable[[], _V]) -> _V:
    """The value for a key, made if necessary; a cache has the few values that were used last."""
    if key not in cache:
        cache[key] = make()
        if len(cache) > _CACHE_SIZE:
            cache.popitem(last=False)
    cache.move_to_end(key)
    return cache[key]
