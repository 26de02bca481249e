"""`outStatistics`: one row of statistics of the selected rows."""

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


def statistics(
    layer: Layer, selected: Sequence[int], requested: Sequence[Mapping[str, Any]]
) -> Json:
    """The feature set of the statistics; `None` where no row has a value.

    Args:
        layer: The queried layer.
        selected: The positions of the rows.
        requested: The `statisticType` (count, min, max, sum or avg), `onStatisticField` and
            `outStatisticFieldName` of each.

    Raises:
        ArcgisError: The layer does not have a type or field.
    """
    attributes: Json = {}
    fields: list[Json] = []
    for statistic in requested:
        kind = str(statistic.get("statisticType", "")).lower()
        field = layer.names.get(str(statistic.get("onStatisticField", "")).lower())
        if field is None or kind not in (*_FUNCTIONS, "count"):
            raise bad_query("'outStatistics' parameter is invalid", hosted=layer.hosted)
        name = str(statistic.get("outStatisticFieldName") or f"{kind}_{field}")
        values = [
            row[field] for row in map(layer.rows.__getitem__, selected) if row[field] is not None
        ]
        try:
            attributes[name] = _value(kind, values)
        except TypeError:  # A sum of texts.
            raise bad_query("'outStatistics' parameter is invalid", hosted=layer.hosted) from None
        fields.append({"name": name, "type": "esriFieldTypeDouble", "alias": name})
    return {"fields": fields, "features": [{"attributes": attributes}]}


def _value(kind: str, values: list[Any]) -> Any:
    if kind == "count":
        return len(values)
    return _FUNCTIONS[kind](values) if values else None
