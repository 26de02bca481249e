"""Exports of layers to files, and what is in them."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from include.loaders import Origin
from include.loaders.export import export_arcgis
from tests.loaders.layer import PATH
from tests.loaders.warehouse import patient


def exported(base_url: str, folder: Path, path: str = PATH, **options: Any) -> pa.Table:
    """The file of a layer at `base_url`, read with options that wait for nothing."""
    file = folder / "layer.parquet"
    origin = Origin(base_url=base_url)
    export_arcgis("parcels", f"https://declared{path}", file, origin, patient(**options))
    return pq.read_table(file)


def ids(table: pa.Table) -> list[int]:
    """The object ids of a file, in its order."""
    found: list[int] = table["OBJECTID"].to_pylist()
    return found
