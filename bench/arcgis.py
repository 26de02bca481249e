"""Compare the loader with three other ways to save a layer of 50,000 parcels; print a table.

The loader also saves a layer of 1,000,000 parcels. Every promise is a ratio within one run on one
machine, from the medians of several rounds. Exits with 1 if a promise is broken.
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
    "loader": "this project, checked, to GeoParquet",
    "gdal": "GDAL (`pyogrio`), to Parquet",
    "sequential": "sequential GeoJSON pages through geopandas, to Parquet",
    "floor": "the floor: eight parallel GETs and `orjson`, nothing written",
}
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Promise:
    """A figure of the loader that must not exceed `most`."""

    text: str
    figure: float
    most: float

    def __str__(self) -> str:
        kept = "kept" if self.figure <= self.most else "BROKEN"
        return f"| {self.text} | {self.most:.2f} | {self.figure:.2f} | {kept} |"


def measure(rows: int, many: int, rounds: int) -> tuple[list[str], list[Promise]]:
    """Measure every contender; returns the table's lines and the promises.

    Args:
        rows: Parcels of the layer that every contender saves.
        many: Parcels of the layer that only the loader saves.
        rounds: How often each contender saves the layer.
    """
    figures: dict[str, list[dict[str, Any]]] = {name: [] for name in NAMES}
    with yardstick(rows) as url:
        # The server renders GeoJSON pages at their first request; no round may include that.
        run("sequential", url, rows)
        for _ in range(rounds):
            for name, runs in figures.items():
                runs.append(run(name, url, rows))
    with yardstick(many) as url:
        large = run("loader", url, many)
    seconds = {
        name: statistics.median(result["seconds"] for result in runs)
        for name, runs in figures.items()
    }
    memory = {name: max(result["peak_memory"] for result in runs) for name, runs in figures.items()}
    lines = [
        "| how | seconds | times the loader's | peak memory |",
        "|---|---|---|---|",
        *(
            f"| {text} | {seconds[name]:.2f} | {seconds[name] / seconds['loader']:.1f} "
            f"| {memory[name] / MEGABYTE:.0f} MB |"
            for name, text in NAMES.items()
        ),
        f"| this project, {many:,} parcels | {large['seconds']:.1f} | "
        f"| {large['peak_memory'] / MEGABYTE:.0f} MB |",
    ]
    promises = [
        Promise("the loader's time to GDAL's", seconds["loader"] / seconds["gdal"], 1 / 3),
        Promise(
            "the loader's time to the sequential script's",
            seconds["loader"] / seconds["sequential"],
            1 / 6,
        ),
        Promise("the loader's time to the floor's", seconds["loader"] / seconds["floor"], 1.5),
        Promise(f"MB for {many:,} parcels", large["peak_memory"] / MEGABYTE, 400.0),
    ]
    return lines, promises


def main() -> int:
    """Measure, print, and write the docs page if one is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, default=50_000, help="parcels of the layer that every contender saves"
    )
    parser.add_argument(
        "--many",
        type=int,
        default=1_000_000,
        help="parcels of the layer that only the loader saves",
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each contender is measured"
    )
    parser.add_argument("--write", type=Path, help="the docs page to write the tables to")
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
    return int(any(promise.figure > promise.most for promise in promises))


if __name__ == "__main__":
    sys.exit(main())
