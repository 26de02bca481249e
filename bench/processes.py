"""Runs the yardstick server and the contenders, each in its own process."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import Any

import httpx

REPOSITORY = Path(__file__).parents[1]
READY_SECONDS = 300


@contextmanager
def yardstick(rows: int) -> Iterator[str]:
    """Run a yardstick server with this many parcels; yields its layer's address."""
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "bench.server", "--port", str(port), "--rows", str(rows)]
    server = subprocess.Popen(command, cwd=REPOSITORY)
    url = f"http://127.0.0.1:{port}/FeatureServer/0"
    try:
        for _ in range(READY_SECONDS * 10):
            try:
                httpx.get(url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


def run(name: str, url: str, rows: int) -> dict[str, Any]:
    """Run one contender in its own process; returns its seconds and peak memory.

    Args:
        name: The contender.
        url: The layer's address.
        rows: The layer's number of rows.

    Raises:
        RuntimeError: The contender failed, or did not save every row.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-W", "ignore", "-m", "bench.contenders", name, url]
        done = subprocess.run(
            [*command, str(Path(folder) / "out.parquet")],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{name} failed:\n{done.stderr}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if figures["rows"] != rows:
        raise RuntimeError(f"{name} saved {figures['rows']:,} of {rows:,} rows")
    return figures
