"""The faults in the data: missing and moved rows, renamed fields.

The faults of queries are in `query`, those of responses in `app`.
"""

from typing import Any, Final

from include.sources import SOURCES
from local.sources.layer import Json, Layer

LOST_EVERY: Final = 10
"""With `drop-rows`, a layer counts all rows and sends nine of ten."""

_NEW_NAMES: Final = {
    "PublicStatus": "Public_Status",
    "LandUse": "Land_Use",
    "roe_status": "roe_state",
    "roe_approved": "roe_approved_date",
    "fso_pkg_approved": "fso_package_approved",
    "PERMIT_STATUS": "STATUS_OF_PERMIT",
    "type": "caseStatus",
    "InitialVisits": "Initial_Visits",
    "RebuildTypeCount": "Rebuild_Type_Count",
    "PalisadesPermits": "PermitsIssued",
}


def _names_of_other_parts() -> dict[str, str]:
    """A new name for one field of each layer or list without a field in `_NEW_NAMES`."""
    found = {}
    for part in (part for source in SOURCES.values() for part in source.loaded):
        if part.needed and not set(part.needed) & set(_NEW_NAMES):
            found[part.needed[-1]] = f"{part.needed[-1]}_RENAMED"
    return found


_RENAMED: Final[dict[str, str]] = {**_NEW_NAMES, **_names_of_other_parts()}


def corrupt_layer(layer: Layer, fault: str | None) -> Layer:
    """Apply a fault to a layer; return the layer itself if the fault is not one of the data."""
    rows = layer.rows
    mercator = layer.shapes(102100)
    if fault == "empty":
        return Layer(layer.meta, [], [])
    if fault == "drop-rows":
        lost = frozenset(n for n in range(len(rows)) if n % LOST_EVERY == LOST_EVERY // 3)
        return Layer(layer.meta, rows, mercator, lost)
    if fault == "rows-move":
        return with_moved_rows(layer)
    if fault == "rename-columns":
        fields = [_renamed_field(field) for field in layer.meta["fields"]]
        return Layer({**layer.meta, "fields": fields}, [_renamed(row) for row in rows], mercator)
    return layer


def with_moved_rows(layer: Layer) -> Layer:
    """The layer after its first row was deleted and one was added: the count is the same."""
    ids = [row[layer.object_id] for row in layer.rows]
    if not ids:
        return layer
    first = ids.index(min(ids))
    kept = [position for position in range(len(ids)) if position != first]
    added = {**layer.rows[-1], layer.object_id: max(ids) + 1}
    mercator = layer.shapes(102100)
    return Layer(
        layer.meta,
        [*(layer.rows[position] for position in kept), added],
        [*(mercator[position] for position in kept), mercator[-1]],
    )


def corrupt_list(rows: list[Json], fault: str | None) -> list[Json]:
    """Apply a fault to a list's rows; with `drop-rows`, half of them are left."""
    if fault == "empty":
        return []
    if fault == "drop-rows":
        return rows[::2]
    if fault == "rename-columns":
        return [_renamed(row) for row in rows]
    return rows


def _renamed(row: Json) -> Json:
    return {_RENAMED.get(name, name): value for name, value in row.items()}


def _renamed_field(field: dict[str, Any]) -> Json:
    name = _RENAMED.get(field["name"], field["name"])
    return {**field, "name": name, "alias": name}
