"""The rows that only the analyses read, as the dashboard's role."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from include import warehouse
from include.dashboard.queries.read import Kind, midnight, read

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

SQL: Final = Path(__file__).parent / "sql"


def parcels_schema() -> str:
    """The schema of the parcel marts, for example `ANALYTICS_DDRC_PRD.PARCELS`."""
    return f"{warehouse.database('ANALYTICS')}.{warehouse.schema_prefix()}PARCELS"


def parcel_steps(connection: "SnowflakeConnection") -> pd.DataFrame:
    """The parcels that the public metrics of phase 2 count, as of the newest load.

    Returns:
        A row per parcel: `parcel` and `fire`; `accepted_at`, `withdrawn_at` and `signed_off_at`
        (times; missing if the step has not happened); `as_of` (time of the load).
    """
    columns: dict[str, Kind] = {
        "parcel": "count",
        "fire": "text",
        "accepted_at": "time",
        "withdrawn_at": "time",
        "signed_off_at": "time",
        "as_of": "time",
    }
    return _read(connection, "parcel_steps", columns, parcels=parcels_schema())


def permit_states(connection: "SnowflakeConnection", city: str) -> pd.DataFrame:
    """Every state of a city's permits that the daily snapshots have seen.

    Args:
        connection: An open connection.
        city: `pasadena` or `malibu`.

    Returns:
        A row per state: `permit`, `status` (the city's word), `began_at` and `ended_at` (times;
        the end is missing while the state lasts).
    """
    columns: dict[str, Kind] = {
        "permit": "text",
        "status": "text",
        "began_at": "time",
        "ended_at": "time",
    }
    return _read(connection, f"permit_states_{city}", columns)


def last_loads(connection: "SnowflakeConnection") -> pd.Series:
    """The time of the newest successful load of each source, by its name; not of Fivetran's."""
    rows = _read(connection, "last_loads", {"source": "text", "loaded_at": "time"})
    return rows.set_index("source").loaded_at


def publications(connection: "SnowflakeConnection", since: date) -> pd.DataFrame:
    """The publications since a day, without sample data: `version`, `published_at` (time)."""
    columns: dict[str, Kind] = {"version": "text", "published_at": "time"}
    return _read(connection, "publications", columns, since=midnight(since))


def _read(
    connection: "SnowflakeConnection",
    query: str,
    columns: dict[str, Kind],
    **values: date | str,
) -> pd.DataFrame:
    # The file's full path: `read` looks for a plain name among the dashboard's own queries.
    return read(connection, str(SQL / query), columns, **values)
