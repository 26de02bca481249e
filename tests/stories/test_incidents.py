"""Failures through the real task runner: each is reported once, whatever is lost on the way.

Callbacks run in the tasks' own processes; the watch asks Airflow's API, which another process
serves.
"""

import json
import multiprocessing
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from include.incidents.incident_file import read_state
from local.cloud import Cloud
from local.ports import HOST
from tests.scheduling.fault_injection import Fault
from tests.slack import Slack
from tests.stories.conftest import Story

# One task of each kind, each in another DAG or where nothing later depends on it.
KILLED = (
    "malibu.load_fire_rebuild_points",
    "pasadena.transform.stg_pasadena__permits_model_build",
    "epa.look_for_edits",
    "airtable.wait_for_sync",
    "publish_metrics.audit",
    "check_freshness.malibu",
    "keep_history.snapshot",
    "restore_metrics.promote",
)


def _serve(listener: socket.socket) -> None:
    from airflow import settings
    from airflow.api_fastapi.app import create_app

    assert settings.engine is not None
    settings.engine.dispose(close=False)
    server = uvicorn.Server(uvicorn.Config(create_app(apps="core"), log_config=None))
    server.run(sockets=[listener])


@pytest.fixture(scope="module", autouse=True)
def api(airflow: object) -> Iterator[None]:
    """Airflow's API in a process of its own, which the connection `airflow_api` leads to."""
    with socket.socket() as listener, pytest.MonkeyPatch.context() as patch:
        listener.bind((HOST, 0))
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener,))
        process.start()
        port = listener.getsockname()[1]
        connection = {"conn_type": "http", "schema": "http", "host": HOST, "port": port}
        patch.setenv("AIRFLOW_CONN_AIRFLOW_API", json.dumps(connection))
        while not _answers(port):
            assert process.is_alive(), "Airflow's API did not start"
            time.sleep(0.05)
        yield
        process.kill()
        process.join()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/api/v2/version", timeout=30).is_success
    except httpx.TransportError:
        return False
