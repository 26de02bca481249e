"""`outStatistics`: one row of numbers about the rows that a query chose."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from local.sources.errors import bad_query
from local.sources.layer import Json, Layer

_FUNCTIONS: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "min": min,
    "max": max,
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
}


def statistics(layer: Layer, chosen: Sequence[int], wanted: Sequence[Mapping[str, Any]]) -> Json:
    """The feature set that holds the statistics; null where no row has a value.

    Args:
        layer: The layer that is asked.
        chosen: The places of the rows.
        wanted: `statisticType` (count, min, max, sum or avg), `onStatisticField` and
            `outStatisticFieldName` of each.

    Raises:
        ArcgisError: A type or field that the layer does not have.
    """
    attributes: Json = {}
    fields: list[Json] = []
    for one in wanted:
        kind = str(one.get("statisticType", "")).lower()
        field = layer.names.get(str(one.get("onStatisticField", "")).lower())
        if field is None or kind not in (*_FUNCTIONS, "count"):
            raise bad_query("'outStatistics' parameter is invalid", hosted=layer.hosted)
        name = str(one.get("outStatisticFieldName") or f"{kind}_{field}")
        values = [
            row[field] for row in map(layer.rows.__getitem__, chosen) if row[field] is not None
        ]
        try:
            attributes[name] = _value(kind, values)
        except TypeError:  # a sum of texts
            raise bad_query("'outStatistics' parameter is invalid", hosted=layer.hosted) from None
        fields.append({"name": name, "type": "esriFieldTypeDouble", "alias": name})
    return {"fields": fields, "features": [{"attributes": attributes}]}


def _value(kind: str, values: list[Any]) -> Any:
    if kind == "count":
        return len(values)
    return _FUNCTIONS[kind](values) if values else None
