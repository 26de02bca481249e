"""Loads that are killed while they read, and between any two statements that write."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.loaders.interference import temporary_objects
from tests.loaders.layer import Layer, row
from tests.loaders.service import Reply, Request, Service
from tests.loaders.warehouse import Warehouse

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60


def start_load(
    warehouse: Warehouse, service: Service, folder: Path, stop_before: str = ""
) -> subprocess.Popen[str]:
    """A load of the table in a process of its own, which may stop before a statement."""
    environment = os.environ | {
        "EMULATOR_PORT": str(warehouse.connection.port),
        "URL": service.url,
        "SCHEMA": warehouse.table.schema,
        "TMPDIR": str(folder),
        "PYTHONPATH": str(REPOSITORY),
        "STOP_BEFORE": stop_before,
    }
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", Path(__file__).with_name("killed_load.py")],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("page", [1, 3], ids=["at the first page", "at the last page"])
def test_a_load_that_is_killed_leaves_nothing_and_runs_again(
    warehouse: Warehouse, service: Service, tmp_path: Path, page: int
) -> None:
    warehouse.load()
    reached, released = threading.Event(), threading.Event()
    pages = [0]

    def block(request: Request) -> Reply | None:
        if request.is_page:
            pages[0] += 1
            if pages[0] == page:
                reached.set()
                released.wait(PATIENCE)
        return None

    service.script(block)
    process = start_load(warehouse, service, tmp_path)
    try:
        assert reached.wait(PATIENCE)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
    finally:
        process.kill()
        released.set()
    assert list(tmp_path.iterdir()) == []
    assert temporary_objects(warehouse) == []
    assert warehouse.load_ids() == {"run 001"}
    service.clear_scripts()
    warehouse.load()
    assert (len(warehouse.ids()), warehouse.load_ids()) == (10, {"run 002"})


@pytest.mark.parametrize("statement", ["PUT 'file:", "COPY INTO", "DELETE FROM", "COMMIT"])
def test_a_load_that_is_killed_while_it_writes_leaves_the_old_rows_and_runs_again(
    warehouse: Warehouse, service: Service, layer: Layer, tmp_path: Path, statement: str
) -> None:
    warehouse.load()
    layer.rows = [row(number) for number in range(1, 13)]
    process = start_load(warehouse, service, tmp_path, statement)
    try:
        assert process.stdout
        assert process.stdout.readline() == "reached\n"
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
    finally:
        process.kill()
    assert list(tmp_path.iterdir()) == []
    assert (len(warehouse.ids()), warehouse.load_ids()) == (10, {"run 001"})
    warehouse.load()
    assert (len(warehouse.ids()), warehouse.load_ids()) == (12, {"run 002"})
    assert warehouse.log("LOAD_ID, OUTCOME") == [("run 001", "loaded"), ("run 002", "loaded")]
