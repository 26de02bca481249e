"""The ways to save a layer that are compared, each run in a process of its own.

`python -m bench.contenders NAME URL OUTPUT` prints seconds, peak memory and rows as JSON. A
contender imports its libraries before the clock starts.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from include.loaders.memory import peak_memory

CONCURRENCY = 8
PAGE = 2_000

Run = Callable[[str, Path], int]


def loader() -> Run:
    """This project's loader: with retries, counts and repairs, to GeoParquet."""
    import_module("pandas")  # Arrow imports it at its first array.
    from include.loaders.export import export_arcgis
    from include.loaders.memory import use_system_allocator
    from include.loaders.options import LoadOptions, Origin

    use_system_allocator()
    options = LoadOptions(concurrency=CONCURRENCY)
    return lambda url, output: export_arcgis("parcels", url, output, Origin(), options).rows


def gdal() -> Run:
    """GDAL's ESRIJSON driver, to Parquet, without counts or retries."""
    import pyarrow.parquet as pq
    import pyogrio

    def run(url: str, output: Path) -> int:
        query = urlencode(
            {
                "where": "1=1",
                "outFields": "*",
                "orderByFields": "OBJECTID ASC",
                "resultRecordCount": PAGE,
                "f": "json",
            }
        )
        _, table = pyogrio.read_arrow(f"ESRIJSON:{url}/query?{query}")
        pq.write_table(table, output)
        return int(table.num_rows)

    return run


def sequential() -> Run:
    """The earlier scripts: one GeoJSON page after the other, shapes repaired row by row."""
    import geopandas
    import pandas
    from shapely import make_valid
    from shapely.ops import orient

    def page(url: str, start: int) -> Any:
        query = {"where": "1=1", "outFields": "*", "f": "geojson", "resultOffset": str(start)}
        # Without the option, GDAL would follow a page's transfer-limit flag by itself.
        return geopandas.read_file(f"{url}/query?{urlencode(query)}", FEATURE_SERVER_PAGING="NO")

    def run(url: str, output: Path) -> int:
        frames = []
        while len(frame := page(url, sum(map(len, frames)))):
            frames.append(frame)
        layer = pandas.concat(frames, ignore_index=True)
        layer["geometry"] = layer["geometry"].apply(lambda shape: orient(make_valid(shape)))
        layer.to_parquet(output)
        return len(layer)

    return run


def floor() -> Run:
    """The floor: parallel requests and a JSON parser; nothing is checked or written."""
    import httpx
    import orjson

    def run(url: str, _: Path) -> int:
        with httpx.Client(timeout=60) as client, ThreadPoolExecutor(CONCURRENCY) as pool:
            count = orjson.loads(
                client.get(f"{url}/query", params={"returnCountOnly": "true", "f": "json"}).content
            )["count"]

            def page(start: int) -> int:
                query = {"where": "1=1", "f": "json", "resultOffset": str(start)}
                answer = client.get(f"{url}/query", params=query)
                return len(orjson.loads(answer.content)["features"])

            return sum(pool.map(page, range(0, count, PAGE)))

    return run


CONTENDERS: dict[str, Callable[[], Run]] = {
    "loader": loader,
    "gdal": gdal,
    "sequential": sequential,
    "floor": floor,
}


def main() -> None:
    """Run one contender and print its cost."""
    name, url, output = sys.argv[1:]
    run = CONTENDERS[name]()
    began = time.perf_counter()
    rows = run(url, Path(output))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "peak_memory": peak_memory(), "rows": rows}))


if __name__ == "__main__":
    main()
