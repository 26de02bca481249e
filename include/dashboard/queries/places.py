"""Where things stand on the ground: parcels and permits as points."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import pandas as pd
import shapely

from include.dashboard.queries.read import Kind, midnight, read

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

_COLUMNS: Final[dict[str, Kind]] = {"fire_name": "text", "status": "text", "place": "text"}
_SHAPE: Final[dict[str, Kind]] = {**_COLUMNS, "shape": "shape"}
_POINT: Final[dict[str, Kind]] = {**_COLUMNS, "longitude": "number", "latitude": "number"}

# The layers by name, and what their queries give: a shape, or the point itself.
LAYERS: Final = {"epa": _SHAPE, "usace": _SHAPE, "pasadena": _SHAPE, "malibu": _POINT}


def places(connection: "SnowflakeConnection", layer: str, day: date) -> pd.DataFrame:
    """Every parcel, permit or application of a layer, as it stood when a day ended.

    Read from the history that `keep_history` keeps once a day, which holds the newest state too.

    Args:
        layer: One of `LAYERS`.

    Returns:
        A row each: `fire_name` (the fire, or the fire area of a city), `status` and `place` (an
        address or a project's number); `longitude` and `latitude` in WGS84 degrees, of a shape
        its centre, missing where the source has no shape.

    Raises:
        KeyError: There is no such layer.
    """
    columns = LAYERS[layer]
    ended = midnight(day + timedelta(days=1))
    found = read(connection, f"places_{layer}", columns, ended=ended)
    if "shape" not in found:
        return found
    # Centres here rather than in SQL: the shapes are plain binary, as every reader can take them.
    centres = shapely.centroid(shapely.from_wkb(found.pop("shape").to_numpy(), on_invalid="ignore"))
    return found.assign(longitude=shapely.get_x(centres), latitude=shapely.get_y(centres))
