"""The small data as raw rows, and the metrics that a person counted in them (`EXPECTED`)."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from include.sources import SOURCES, Part, RawTable
from local.data.files import data_file
from tests.small_data import SMALL, CountError, counted, declared_edit, rows_in
from tests.transform.raw_tables import EDITED_AT, LOADED_AT, Row, columns_of

TABLES: Final = {name: source.parts[0].table for name, source in SOURCES.items()}
SYNCED_AT: Final = "2026-11-21 01:00:00+00:00"
LOADED: Final = LOADED_AT.replace(" ", "T")


def epa(object_id: int, status: str | None, land_use: str | None = "Residential") -> Row:
    return {
        "OBJECTID": object_id,
        "PUBLICSTATUS": status,
        "LANDUSE": land_use,
        "_SOURCE_EDITED_AT": EDITED_AT,
    }


def usace(object_id: int, **changes: object) -> Row:
    """An eligible parcel with nothing done yet."""
    return {
        "OBJECTID": object_id,
        "EVENT_SUB_NAME": "Eaton",
        "MA": "4856DR-CA-COE-SPD-09",
        "ROE_DETAILS": "County",
        "ROE_STATUS": "approved",
        **changes,
    }


def pasadena(number: str, status: str | None) -> Row:
    return {"PERMIT_NUMBER": number, "PERMIT_STATUS": status, "_SOURCE_EDITED_AT": EDITED_AT}


def airtable(
    record: str, name: str | list[str], value: float | None, created: str, **changes: object
) -> Row:
    """An entry; `name` is one machine name, or the whole list of them."""
    arrays = {
        "METRIC_MACHINE_NAME": name if isinstance(name, list) else [name],
        "METRIC_NAME": ["A metric"],
        "METRIC_TYPE": ["count"],
        "METRIC_UNIT_LABEL": ["things"],
        "UPDATE_FREQUENCY": ["weekly"],
        "METRIC_CONTACT_NAME": ["Pat Doe"],
        "METRIC_CONTACT_EMAIL": ["pat.doe@example.org"],
    }
    return {
        "ID": record,
        "METRIC": value,
        "DATE_CREATED": created,
        "_FIVETRAN_SYNCED": SYNCED_AT,
        "METRIC_MODIFIED_BY": "Pat Doe",
        **{f"{key}_FROM_METRIC_DEFINITION_": value for key, value in arrays.items()},
        **changes,
    }


def raw_rows(source: str, part: Part) -> list[Row]:
    """A part's rows in the small data as its raw table has them, without shapes."""
    columns = columns_of(part)
    edited = {"_SOURCE_EDITED_AT": _time(declared_edit(source))} if "_LOAD_ID" in columns else {}
    times = {name for name, type_ in columns.items() if type_ == "TIMESTAMP_NTZ"}
    rows = ({name.upper(): value for name, value in row.items()}
            for row in rows_in(SMALL / data_file(part, source)))  # fmt: skip
    return [
        {
            **edited,
            **{name: _time(value) if name in times else value for name, value in row.items()},
        }
        for row in rows
    ]


def hand_counted(source: str) -> dict[str, tuple[float, str]]:
    """The metrics that a person counted in a source's rows: `{name: (value, last updated)}`."""
    hand = counted(source)
    times = {
        name: metric.given.get("last_updated") or hand.last_updated or LOADED
        for name, metric in hand.metrics.items()
    }
    return {
        name: (metric.value, datetime.fromisoformat(times[name]).replace(tzinfo=None).isoformat())
        for name, metric in hand.metrics.items()
    }


def _time(value: object) -> object:
    """A time as the loaders write it: the services send epoch milliseconds."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value


WORLD: Final[dict[RawTable, list[Row]]] = {
    part.table: raw_rows(name, part) for name, source in SOURCES.items() for part in source.parts
}
EXPECTED: Final[dict[str, dict[str, tuple[float, str]]]] = {}
for _name, _source in SOURCES.items():
    # A source that nobody has counted fails its own tests in tests/sources, and no other here.
    with suppress(CountError):
        EXPECTED[_source.mart] = hand_counted(_name)
