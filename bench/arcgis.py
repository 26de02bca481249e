"""Save a layer of 50,000 parcels in four ways, and one of 1,000,000 in ours; print a table.

Every figure is a ratio within one run on one machine, the median of several rounds. Exits with 1
if a promise is broken.
"""

import argparse
import platform
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import page
from bench.processes import run, yardstick

NAMES = {
    "ours": "this project, checked, to GeoParquet",
    "gdal": "GDAL (`pyogrio`), to Parquet",
    "sequential": "sequential GeoJSON pages through geopandas, to Parquet",
    "floor": "the floor: eight parallel GETs and `orjson`, nothing written",
}
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Promise:
    """A figure of ours that may not be larger than `most`."""

    what: str
    figure: float
    most: float

    def __str__(self) -> str:
        kept = "kept" if self.figure <= self.most else "BROKEN"
        return f"| {self.what} | {self.most:.2f} | {self.figure:.2f} | {kept} |"


def measure(rows: int, many: int, rounds: int) -> tuple[list[str], list[Promise]]:
    """The table's lines and the promises, from `rounds` rounds and one large layer."""
    figures: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES}
    with yardstick(rows) as url:
        # GeoJSON pages are rendered when they are first asked for: nobody is to pay for that.
        run("sequential", url, rows)
        for _ in range(rounds):
            for name, runs in figures.items():
                runs.append(run(name, url, rows))
    with yardstick(many) as url:
        large = run("ours", url, many)
    seconds = {
        name: statistics.median(one["seconds"] for one in runs) for name, runs in figures.items()
    }
    memory = {name: max(one["peak_memory"] for one in runs) for name, runs in figures.items()}
    lines = [
        "| how | seconds | times ours | peak memory |",
        "|---|---|---|---|",
        *(
            f"| {text} | {seconds[name]:.2f} | {seconds[name] / seconds['ours']:.1f} "
            f"| {memory[name] / MEGABYTE:.0f} MB |"
            for name, text in NAMES.items()
        ),
        f"| this project, {many:,} parcels | {large['seconds']:.1f} | "
        f"| {large['peak_memory'] / MEGABYTE:.0f} MB |",
    ]
    promises = [
        Promise("our time to GDAL's", seconds["ours"] / seconds["gdal"], 1 / 3),
        Promise(
            "our time to the sequential loader's", seconds["ours"] / seconds["sequential"], 1 / 6
        ),
        Promise("our time to the floor's", seconds["ours"] / seconds["floor"], 2.0),
        Promise(f"MB for {many:,} parcels", large["peak_memory"] / MEGABYTE, 400.0),
    ]
    return lines, promises


def main() -> int:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000, help="parcels of the usual layer")
    parser.add_argument("--many", type=int, default=1_000_000, help="parcels of the large layer")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is measured")
    parser.add_argument("--write", type=Path, help="the page of the docs to write the tables to")
    chosen = parser.parse_args()
    lines, promises = measure(chosen.rows, chosen.many, chosen.rounds)
    section = [
        f"{chosen.rows:,} parcels, pages of 2,000, 50 ms a request,",
        f"the median of {chosen.rounds} rounds on {platform.machine()} with Python "
        f"{platform.python_version()}; imports are not counted.",
        "",
        *lines,
        "",
        "| promise | at most | measured | |",
        "|---|---|---|---|",
        *map(str, promises),
    ]
    print("\n".join(section))
    if chosen.write:
        page.write(chosen.write, "loaders", section)
    return int(any(one.figure > one.most for one in promises))


if __name__ == "__main__":
    sys.exit(main())
