"""Airflow's API in a process of its own, for tasks that ask it: the watch."""

import json
import multiprocessing
import socket
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from local.ports import HOST
from tests.scheduling.task_attempts import close_database


@contextmanager
def serving_api() -> Iterator[None]:
    """Serve the API of this process's Airflow; the connection `airflow_api` leads there.

    Another process, because a child that inherits an open SQLite file breaks its locks.
    """
    with socket.socket() as listener, pytest.MonkeyPatch.context() as patch:
        listener.bind((HOST, 0))
        process = multiprocessing.get_context("fork").Process(
            target=_serve, args=(listener,), daemon=True
        )
        close_database()
        process.start()
        port = listener.getsockname()[1]
        connection = {"conn_type": "http", "schema": "http", "host": HOST, "port": port}
        patch.setenv("AIRFLOW_CONN_AIRFLOW_API", json.dumps(connection))
        try:
            while not _answers(port):
                assert process.is_alive(), "Airflow's API did not start"
                time.sleep(0.05)
            yield
        finally:
            process.kill()
            process.join()


def _serve(listener: socket.socket) -> None:
    from airflow.api_fastapi.app import create_app

    # Pydantic warns about Airflow's own answers; pytest made warnings errors in this process too.
    warnings.simplefilter("ignore")
    uvicorn.Server(uvicorn.Config(create_app(apps="core"), log_config=None)).run([listener])


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/api/v2/version", timeout=30).is_success
    except httpx.TransportError:
        return False
