"""A layer's responses to `/query`: a count, ids, statistics or a page of features.

Bodies follow ArcGIS's REST reference. Without an order, every page has an order of its own, as with
the real services: the rows are shuffled, with the page's offset as the seed.
"""

import random
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson

from local.sources.errors import ServerError, bad_query, no_paging
from local.sources.geometry import SYSTEMS
from local.sources.layer import FeatureFormat, Json, Layer
from local.sources.parameters import Parameters, is_paged, read_parameters
from local.sources.statistics import statistics
from local.sources.where import WhereError

UNCOUNTED_EVERY: Final = 25
"""With `low-count`, a layer does not count one row in so many; it has at least one of them."""

LARGE_PAGE: Final = 4
"""With `large-pages`, the server fails at pages above the layer's limit divided by this."""


def run_query(layer: Layer, texts: Mapping[str, str], fault: str | None = None) -> bytes:
    """Run a query; return the JSON body of the response.

    Args:
        layer: The queried layer.
        texts: The parameters by their name in lower case.
        fault: The source's fault, if any.

    Raises:
        ArcgisError: The query is invalid, or the fault is that the layer refuses it.
        ServerError: The fault is that the server fails at the query.
    """
    parameters = read_parameters(texts, layer)
    _refuse(layer, parameters, fault, paged=is_paged(texts))
    try:
        selected = layer.select(parameters.where, parameters.ids)
    except WhereError as error:
        raise bad_query(f"'where' parameter is invalid: {error}", hosted=layer.hosted) from None
    if parameters.count_only:
        uncounted = -(-len(selected) // UNCOUNTED_EVERY) if fault == "low-count" else 0
        return _summary(parameters, {"count": len(selected) - uncounted})
    if parameters.statistics:
        return orjson.dumps(statistics(layer, selected, parameters.statistics))
    ordered = _ordered(layer, selected, parameters)
    if parameters.ids_only:
        ids = [layer.rows[position][layer.object_id] for position in ordered] or None
        return _summary(parameters, {"objectIdFieldName": layer.object_id, "objectIds": ids})
    return _page(layer, ordered, parameters, fault)


def _refuse(layer: Layer, parameters: Parameters, fault: str | None, *, paged: bool) -> None:
    if fault == "no-count" and parameters.count_only:
        raise ServerError(HTTPStatus.INTERNAL_SERVER_ERROR)
    if fault == "no-ids" and parameters.ids_only:
        raise bad_query("'returnIdsOnly' parameter is invalid", hosted=layer.hosted)
    if fault == "no-paging" and paged:
        raise no_paging() if layer.hosted else ServerError(HTTPStatus.INTERNAL_SERVER_ERROR)


def _summary(parameters: Parameters, facts: Json) -> bytes:
    if not parameters.format.geojson:
        return orjson.dumps(facts)
    return orjson.dumps({"type": "FeatureCollection", "properties": facts, "features": []})


def _ordered(layer: Layer, selected: list[int], parameters: Parameters) -> list[int]:
    ordered = list(selected)
    if not parameters.order:
        random.Random(parameters.offset).shuffle(ordered)
    for name, descending in reversed(parameters.order):
        ordered.sort(
            key=lambda position: _sort_key(layer.rows[position].get(name)), reverse=descending
        )
    return ordered


def _sort_key(value: Any) -> tuple[bool, Any]:
    """Nulls come before every value."""
    return (value is not None, 0 if value is None else value)


def _page(layer: Layer, ordered: list[int], parameters: Parameters, fault: str | None) -> bytes:
    end = parameters.offset + parameters.limit
    positions = [n for n in ordered[parameters.offset : end] if n not in layer.missing]
    if fault == "large-pages" and len(positions) > layer.page_size // LARGE_PAGE:
        raise ServerError(HTTPStatus.GATEWAY_TIMEOUT)
    encoded = layer.encoded(parameters.format)
    more = end < len(ordered)
    head = (
        _geojson_head(layer, more)
        if parameters.format.geojson
        else _esri_head(layer, parameters.format, more)
    )
    features = b",".join(encoded[position] for position in positions)
    return orjson.dumps(head)[:-1] + b',"features":[' + features + b"]}"


def _geojson_head(layer: Layer, more: bool) -> Json:
    head: Json = {"type": "FeatureCollection"}
    if not layer.hosted:
        head["crs"] = {"type": "name", "properties": {"name": "EPSG:4326"}}
    if more:
        head["properties"] = {"exceededTransferLimit": True}
    return head


def _esri_head(layer: Layer, format_: FeatureFormat, more: bool) -> Json:
    wkid, latest = SYSTEMS[format_.wkid]
    fields = [field for field in layer.meta["fields"] if field["name"] in format_.fields]
    if layer.hosted:
        head = {
            "objectIdFieldName": layer.object_id,
            "uniqueIdField": layer.meta["uniqueIdField"],
            "globalIdFieldName": layer.meta.get("globalIdField", ""),
        }
        # A layer of points does not have them.
        if "geometryProperties" in layer.meta:
            head["geometryProperties"] = layer.meta["geometryProperties"]
    else:
        head = {
            "displayFieldName": layer.meta["displayField"],
            "fieldAliases": {field["name"]: field["alias"] for field in fields},
        }
    if format_.geometry:
        head["geometryType"] = layer.meta["geometryType"]
        head["spatialReference"] = {"wkid": wkid, "latestWkid": latest}
    head["fields"] = fields
    if more:
        head["exceededTransferLimit"] = True
    return head
