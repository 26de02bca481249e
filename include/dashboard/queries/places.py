"""Parcels and permits as points."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pandas as pd
import shapely

from include.dashboard.queries.read import Kind, midnight, read

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

_COLUMNS: Final[dict[str, Kind]] = {
    "fire_name": "text",
    "status": "text",
    "place": "text",
    "recorded_at": "time",
}
_SHAPE: Final[dict[str, Kind]] = {**_COLUMNS, "shape": "shape"}
_POINT: Final[dict[str, Kind]] = {**_COLUMNS, "longitude": "number", "latitude": "number"}

# The layers by name, with the columns of their queries: a shape, or a point.
LAYERS: Final = {"epa": _SHAPE, "usace": _SHAPE, "pasadena": _SHAPE, "malibu": _POINT}


def places(connection: "SnowflakeConnection", layer: str, day: date) -> pd.DataFrame:
    """Every parcel, permit or application of a layer, as of the end of a day.

    Reads the daily snapshots of `keep_history`.

    Args:
        connection: An open connection.
        layer: One of `LAYERS`.
        day: The day, in California.

    Returns:
        A row each: `fire_name` (the fire, or the fire area of a city), `status` and `place` (an
        address or a project's number); `recorded_at` (time of the snapshot that first had this
        state); `longitude` and `latitude` of the point or the shape's
        centre, in WGS84 degrees, missing where the source has no shape.

    Raises:
        KeyError: The layer is unknown.
    """
    columns = LAYERS[layer]
    ended = midnight(day + timedelta(days=1))
    found = read(connection, f"places_{layer}", columns, ended=ended)
    if "shape" not in found:
        return found
    # The column is plain binary, which every reader takes; so the centres are computed here.
    centres = shapely.centroid(shapely.from_wkb(found.pop("shape").to_numpy(), on_invalid="ignore"))
    return found.assign(longitude=shapely.get_x(centres), latitude=shapely.get_y(centres))
