"""How costs grow with ten times the rows and with thirty sources. (With history: `bench.history`.)

Rows: USACE's layer goes the way of a refresh (read, replaced, built, tested) with once, three and
ten times its 12,000 parcels; the emulated source's and warehouse's own time is in it. Sources: a
copy of the checkout gets more of them by `make new-source`, and Airflow reads its DAGs.
"""

import argparse
import json
import multiprocessing
import resource
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from bench import page
from bench.drawing import draw
from bench.parsing import best
from bench.trees import copy_of_the_checkout, run
from bench.warehouse import build, cloud, rows_read, statements
from include import sources, warehouse
from include.loaders import LoadOptions, Origin, load_arcgis
from local import provision
from local.cloud import Cloud
from local.home import REPOSITORY

TIMES = (1, 3, 10)
NUMBERS = (6, 12, 30)
PLOT = REPOSITORY / "docs" / "images" / "growth.svg"
MEGABYTE = 1024


def load(made: Cloud) -> None:
    """Load USACE's layer, in this process."""
    with provision.connect(made) as connection:
        load_arcgis(
            sources.USACE,
            connect=lambda: nullcontext(connection),
            database=warehouse.database("RAW"),
            load_id="growth",
            origin=Origin(base_url=made.url("sources")),
            options=LoadOptions(accept_drop="The benchmark makes the layer larger and smaller"),
        )


def peak_of(work: Any) -> float:  # noqa: ANN401
    """The peak memory of a process that does some work, in MB.

    Raises:
        RuntimeError: It failed.
    """
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"The work ended with {process.exitcode}")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MEGABYTE


def by_rows() -> list[tuple[int, float, float, int]]:
    """For each number of parcels: seconds, MB of the loader, and rows that were read."""
    found: list[Any] = []
    with cloud() as made:
        file = made.home.data / "arcgis" / "usace" / "features.json"
        features = json.loads(file.read_text())["features"]
        for times in TIMES:
            file.write_text(json.dumps({"features": multiplied(features, times)}))
            before, began = statements(made)[-1]["number"], time.monotonic()
            memory = peak_of(lambda: load(made))
            build(made, "--select", "tag:usace")
            seconds = time.monotonic() - began
            ran = [each for each in statements(made) if each["number"] > before]
            found.append((len(features) * times, seconds, memory, rows_read(made, ran)))
    return found


def multiplied(features: list[dict[str, Any]], times: int) -> list[dict[str, Any]]:
    """So many times the parcels, each with an id of its own."""
    step = 1 + max(each["attributes"]["OBJECTID"] for each in features)
    return [
        {**each, "attributes": {**each["attributes"], "OBJECTID": own + turn * step}}
        for turn in range(times)
        for each, own in ((each, each["attributes"]["OBJECTID"]) for each in features)
    ]


def by_sources(rounds: int) -> list[tuple[int, float]]:
    """For each number of sources: processor seconds of reading all DAGs, over an empty folder."""
    found: list[Any] = []
    with copy_of_the_checkout() as tree:
        (tree / "nothing").mkdir()
        for number in NUMBERS:
            for made in range(found[-1][0] if found else NUMBERS[0], number):
                run(tree, "-m", "local.new_source", f"made_{made}", "arcgis")
            project = str(tree / "include" / "transform")
            run(tree, "-m", "dbt.cli.main", "--quiet", "parse", "--project-dir", project,
                "--profiles-dir", project)  # fmt: skip
            empty = best(tree / "nothing", rounds, tree)["all"]
            found.append((number, best(tree / "dags", rounds, tree)["all"] - empty))
    return found


def main() -> None:
    """Measure, print, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often the DAGs are read")
    parser.add_argument("--write", type=Path, help="the page of the docs to write the tables to")
    chosen = parser.parse_args()
    rows, many = by_rows(), by_sources(chosen.rounds)
    lines = [
        "| parcels | seconds, load to tested mart | loader's memory | rows read |",
        "|---:|---:|---:|---:|",
        *(f"| {n:,} | {s:.1f} | {m:.0f} MB | {read:,} |" for n, s, m, read in rows),
        "",
        "| sources | processor seconds of reading all DAGs |",
        "|---:|---:|",
        *(f"| {n} | {s:.2f} |" for n, s in many),
    ]
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "growth", lines)
        first = rows[0]
        draw(PLOT, "Times the cost", "times the rows, or the sources", {
            "rows: run time": [(n / first[0], s / first[1]) for n, s, _, _ in rows],
            "rows: loader's memory": [(n / first[0], m / first[2]) for n, _, m, _ in rows],
            "rows: rows read": [(n / first[0], read / first[3]) for n, _, _, read in rows],
            "sources: reading DAGs": [(n / many[0][0], s / many[0][1]) for n, s in many],
        })  # fmt: skip


if __name__ == "__main__":
    main()
