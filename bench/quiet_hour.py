"""Counts the warehouse statements of an hour in which no source changed.

Starts a cloud of its own and runs every source and the publication once. Then runs everything that
an hour holds: the sources, `watch_publication` (four times) and `check_freshness`. Fivetran's own
statements are not counted.
"""

import argparse
import logging
import os
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench import page
from include.sources import SOURCES, SYNCED
from local import airflow, airflow_server, servers
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.ports import Ports, free_ports

# It queries Airflow's API, which does not run here, and never the warehouse.
SKIPPED_TASK = "watch_dags"
WATCHES = 4
QUIET = "no source changed, and a publication by the clock"


@contextmanager
def laptop() -> Iterator[Cloud]:
    """Run a new cloud, with Airflow's settings and database for this process."""
    with tempfile.TemporaryDirectory() as folder:
        made = Cloud(Home(Path(folder)), Ports(*free_ports(6)))
        servers.start(made)
        os.environ.update(airflow.environment(made))
        os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "ERROR"
        try:
            airflow_server.make_database(made)
            yield made
        finally:
            made.stop()


def count(made: Cloud, dags: tuple[str, ...]) -> tuple[int, int]:
    """Run DAGs; returns the sessions that they open in the warehouse, and the statements."""
    before = _statements(made)[-1]["number"]
    for dag in dags:
        _run(dag)
    sent = [found for found in _statements(made, before) if found["user"] != "FIVETRAN"]
    return len({statement["session"] for statement in sent}), len(sent)


def _run(dag: str) -> None:
    # Airflow reads its settings when it is first imported.
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(REPOSITORY / "dags" / f"{dag}.py"))
    run = bag.dags[dag].test(mark_success_pattern=SKIPPED_TASK)
    if run.state != "success":
        raise RuntimeError(f"{dag} ended as {run.state}")


def _statements(made: Cloud, since: int = 0) -> list[dict[str, Any]]:
    trusted = ssl.create_default_context(cafile=str(made.bundle))
    url = f"{made.url('snowflake')}/emulator/statements?since={since}"
    found: list[dict[str, Any]] = httpx.get(url, verify=trusted).json()["statements"]
    return found


def main() -> int:
    """Measure, print and write; returns 1 if sources send more than two per connector."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the docs page to write the table to")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    with laptop() as made:
        counted = {
            "every source changed, and a publication": count(made, (*SOURCES, "publish_metrics")),
            QUIET: count(made, (*SOURCES, "publish_metrics")),
            f"`watch_publication`, {WATCHES} times": count(made, ("watch_publication",) * WATCHES),
            "`check_freshness`": count(made, ("check_freshness",)),
        }
    lines = [f"| {dags} | {opened} | {sent} |" for dags, (opened, sent) in counted.items()]
    lines = ["| what ran | sessions | statements |", "|---|---:|---:|", *lines]
    print("\n".join(lines))
    if chosen.write:
        page.write(chosen.write, "quiet_hour", lines)
    # Two for each connector, and none for the publication.
    return int(counted[QUIET][1] > 2 * len(SYNCED))


if __name__ == "__main__":
    sys.exit(main())
