"""A load of a list of three rows, or of the small layer, into a recorded warehouse."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from include.loaders import (
    LoadOptions,
    LoadReport,
    Origin,
    load_table,
)
from include.sources import ArcgisLayer, JsonField, JsonList, RawTable
from tests.loaders.layer import PATH
from tests.loaders.recorded import RecordedWarehouse
from tests.loaders.service import Service

BEGAN = datetime(2025, 8, 22, 8, tzinfo=UTC)
EDITED = datetime(2025, 8, 21, 16, 27, 3, 120_000, tzinfo=UTC)
TABLE = RawTable("S", "T")
COLUMNS = ("NAME", "LAT", "_LOADED_AT", "_SOURCE_EDITED_AT", "_LOAD_ID")
FIELDS = (JsonField("name", "text"), JsonField("lat", "number"))
ROWS: list[dict[str, Any]] = [
    {"name": "b", "lat": 2},
    {"name": "a", "lat": 3.5},
    {"name": "a", "lat": 1},
]
LIST = JsonList("permits", "https://declared/list", TABLE, FIELDS)
PARCELS = ArcgisLayer("parcels", "https://declared" + PATH, "OBJECTID", TABLE)


def options(**more: Any) -> LoadOptions:
    """Options with a clock of which each reading is a second later."""
    ticks = count(100, 1.0001234)
    usual = {"retry_seconds": 0.0, "now": lambda: BEGAN, "monotonic": lambda: next(ticks)}
    return LoadOptions(**{**usual, **more})


def load(
    warehouse: RecordedWarehouse,
    service: Service,
    part: ArcgisLayer | JsonList = LIST,
    **more: Any,
) -> LoadReport:
    return load_table(
        part,
        connect=warehouse.connect,
        database="RAW",
        load_id="run 1",
        origin=Origin(base_url=service.url),
        options=options(**more),
    )


def recorded(warehouse: RecordedWarehouse) -> dict[str, Any]:
    """The load's row in the log, by its columns."""
    *_, at = [
        n
        for n, sql in enumerate(warehouse.statements)
        if '"LOAD_LOG" (SOURCE' in sql and "INSERT" in sql
    ]
    names = warehouse.statements[at].partition("(")[2].partition(")")[0].split(", ")
    return dict(zip(names, warehouse.values[at], strict=True))


def warehouse_with_three_rows() -> RecordedWarehouse:
    """A warehouse in which every table has three rows."""
    made = RecordedWarehouse()
    made.answer("COUNT(*)", [(3,)])
    return made
