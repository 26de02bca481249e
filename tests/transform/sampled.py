"""Raw rows from the small data folder, for sources without rows in rows.py."""

from datetime import UTC, datetime

from include.incidents.severity import computed_metrics
from include.sources import ArcgisLayer, FivetranConnector, Part
from tests.small_data import SMALL, expected_metrics, file_of, layer_of, rows_in
from tests.transform.raw_tables import LOADED_AT, Row, columns_of


def sample_rows(source: str, part: Part) -> list[Row]:
    """A part's rows as in its raw table, without shapes."""
    rows = rows_in(SMALL / file_of(source, part))
    if isinstance(part, FivetranConnector):
        return [{"_FIVETRAN_SYNCED": f"{LOADED_AT}+00:00", **row} for row in rows]
    edited = _edited(part)
    return [{"_SOURCE_EDITED_AT": edited, **_typed(row, columns_of(part))} for row in rows]


def sample_metrics(source: str, loaded: str) -> dict[str, tuple[float, str]]:
    """The metrics that a person counted in those rows, as in `EXPECTED`.

    Args:
        source: The source's name.
        loaded: The load's time in ISO 8601, for metrics whose source declares no edit.
    """
    metrics = {}
    for name in computed_metrics().get(source, ()):
        metric = expected_metrics()[name]
        updated = metric["last_updated"] or loaded
        moment = datetime.fromisoformat(updated).replace(tzinfo=None)
        metrics[name] = (metric["value"], moment.isoformat())
    return metrics


def _typed(row: Row, columns: dict[str, str]) -> Row:
    """Upper-case names, and times as the loaders write them."""
    raw = {name.upper(): value for name, value in row.items()}
    times = {name for name, type_ in columns.items() if type_.startswith("TIMESTAMP")}
    return {name: _time(value) if name in times else value for name, value in raw.items()}


def _edited(part: Part) -> str | None:
    editing = layer_of(part.name).get("editingInfo") if isinstance(part, ArcgisLayer) else None
    return _time(editing["lastEditDate"]) if editing else None


def _time(value: object) -> str | None:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return None if value is None else str(value)
