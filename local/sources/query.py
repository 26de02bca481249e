"""What a layer answers to `/query`: a count, ids, statistics or a page of features.

Bodies follow ArcGIS's REST reference. Without an order-by the rows come in an order of their
own on every page, as in life: shuffled, by a seed that is the page's offset.
"""

import random
from collections.abc import Mapping
from typing import Any

import orjson

from local.sources.errors import bad_query
from local.sources.geometry import SYSTEMS
from local.sources.layer import Json, Layer
from local.sources.parameters import Parameters, read_parameters
from local.sources.statistics import statistics
from local.sources.where import WhereError


def answer_query(layer: Layer, given: Mapping[str, str]) -> bytes:
    """The JSON body that the layer answers.

    Args:
        layer: The layer that is asked.
        given: The query's parameters: names in lower case, and their text.

    Raises:
        ArcgisError: The service would refuse the query.
    """
    asked = read_parameters(given, layer)
    try:
        chosen = layer.select(asked.where, asked.ids)
    except WhereError as error:
        raise bad_query(f"'where' parameter is invalid: {error}", hosted=layer.hosted) from None
    if asked.count_only:
        return _summary(asked, {"count": len(chosen)})
    if asked.statistics:
        return orjson.dumps(statistics(layer, chosen, asked.statistics))
    chosen = _ordered(layer, chosen, asked)
    if asked.ids_only:
        ids = [layer.rows[place][layer.object_id] for place in chosen] or None
        return _summary(asked, {"objectIdFieldName": layer.object_id, "objectIds": ids})
    return _page(layer, chosen, asked)


def _summary(asked: Parameters, facts: Json) -> bytes:
    if not asked.look.geojson:
        return orjson.dumps(facts)
    return orjson.dumps({"type": "FeatureCollection", "properties": facts, "features": []})


def _ordered(layer: Layer, chosen: list[int], asked: Parameters) -> list[int]:
    ordered = list(chosen)
    if not asked.order:
        random.Random(asked.offset).shuffle(ordered)
    for name, descending in reversed(asked.order):
        ordered.sort(key=lambda place: _sort_key(layer.rows[place].get(name)), reverse=descending)
    return ordered


def _sort_key(value: Any) -> tuple[bool, Any]:
    """Nulls come before every value."""
    return (value is not None, 0 if value is None else value)


def _page(layer: Layer, ordered: list[int], asked: Parameters) -> bytes:
    end = asked.offset + asked.limit
    places = [n for n in ordered[asked.offset : end] if n not in layer.missing]
    encoded = layer.encoded(asked.look)
    more = end < len(ordered)
    head = _geojson_head(layer, more) if asked.look.geojson else _esri_head(layer, asked, more)
    features = b",".join(encoded[place] for place in places)
    return orjson.dumps(head)[:-1] + b',"features":[' + features + b"]}"


def _geojson_head(layer: Layer, more: bool) -> Json:
    head: Json = {"type": "FeatureCollection"}
    if not layer.hosted:
        head["crs"] = {"type": "name", "properties": {"name": "EPSG:4326"}}
    if more:
        head["properties"] = {"exceededTransferLimit": True}
    return head


def _esri_head(layer: Layer, asked: Parameters, more: bool) -> Json:
    wkid, latest = SYSTEMS[asked.look.wkid]
    fields = [field for field in layer.meta["fields"] if field["name"] in asked.look.fields]
    if layer.hosted:
        head = {
            "objectIdFieldName": layer.object_id,
            "uniqueIdField": layer.meta["uniqueIdField"],
            "globalIdFieldName": layer.meta.get("globalIdField", ""),
        }
        # A layer of points has none.
        if "geometryProperties" in layer.meta:
            head["geometryProperties"] = layer.meta["geometryProperties"]
    else:
        head = {
            "displayFieldName": layer.meta["displayField"],
            "fieldAliases": {field["name"]: field["alias"] for field in fields},
        }
    if asked.look.geometry:
        head["geometryType"] = layer.meta["geometryType"]
        head["spatialReference"] = {"wkid": wkid, "latestWkid": latest}
    head["fields"] = fields
    if more:
        head["exceededTransferLimit"] = True
    return head
