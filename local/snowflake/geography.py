"""`ST_ASWKB`: a GEOGRAPHY, which the emulator stores as GeoJSON, as well-known binary.

https://docs.snowflake.com/en/sql-reference/functions/st_aswkb
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
import shapely
from duckdb import sqltypes
from duckdb.func import ARROW


def add_to(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the function to the DuckDB of a connection, for all its connections."""
    connection.create_function("st_aswkb", _as_wkb, [sqltypes.VARCHAR], sqltypes.BLOB, type=ARROW)


def _as_wkb(shapes: pa.ChunkedArray) -> pa.Array:
    return pa.array(shapely.to_wkb(shapely.from_geojson(shapes.to_numpy())), pa.binary())
