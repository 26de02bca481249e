"""Start the emulator and Azurite as processes, as the laptop's cloud does."""

import os
import shlex
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).parents[3]
PATIENCE_SECONDS = 60.0
STOP_SECONDS = 5.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def process(command: list[str], log: Path, ready_url: str, ca: Path | None) -> Iterator[int]:
    """A server that has answered once; its process id."""
    with log.open("ab") as output:
        server = subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=output)
    try:
        _wait(server, ready_url, ca, log)
        yield server.pid
    finally:
        server.terminate()
        try:
            server.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # Azurite waits for the clients that keep a connection open.
            server.kill()
            server.wait()


@contextmanager
def emulator(folder: Path, blob_endpoint: str, *options: str) -> Iterator[int]:
    """The emulator with its databases and certificates in a folder; its port."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "local.snowflake", "--port", str(port)]
    command += ["--certificates", str(folder / "certificates")]
    command += ["--database-folder", str(folder / "databases")]
    command += ["--blob-endpoint", blob_endpoint, *options]
    ca = folder / "certificates" / "ca.pem"
    with process(command, folder / "log.txt", f"https://127.0.0.1:{port}/health", ca):
        yield port


@contextmanager
def azurite(folder: Path) -> Iterator[str]:
    """Azurite's blob service; its endpoint."""
    port = free_port()
    command = [*shlex.split(os.environ["AZURITE_BIN"]), "--blobPort", str(port), "--silent"]
    command += ["--blobHost", "127.0.0.1", "--location", str(folder), "--skipApiVersionCheck"]
    endpoint = f"http://127.0.0.1:{port}"
    with process(command, folder / "log.txt", endpoint, None):
        yield endpoint


def _wait(server: "subprocess.Popen[bytes]", url: str, ca: Path | None, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            trusted = ssl.create_default_context(cafile=ca) if ca and ca.exists() else True
            httpx.get(url, verify=trusted, trust_env=False)
        except (httpx.TransportError, OSError):
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} did not answer:\n{log.read_text()[-3000:]}")
