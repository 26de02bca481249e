"""The emulated warehouse in a process and a folder of its own."""

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.ports import free_ports

REPOSITORY = Path(__file__).parents[2]
NO_BLOBS = "http://127.0.0.1:1"
PATIENCE = 120


@dataclass(frozen=True)
class Emulator:
    """A running emulator: its port, the certificates to trust and a key to log in with."""

    port: int
    bundle: Path
    private_key: bytes

    def connect(self) -> Any:  # noqa: ANN401
        """A session of the stock connector."""
        return snowflake.connector.connect(
            account="laptop",
            user="loader",
            host="127.0.0.1",
            port=self.port,
            authenticator="SNOWFLAKE_JWT",
            private_key=serialization.load_pem_private_key(self.private_key, None),
        )


def new_private_key() -> bytes:
    """A key in PEM; the emulator takes any."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@contextmanager
def emulator(folder: Path) -> Iterator[Emulator]:
    """An emulator that has answered once, until the block ends."""
    [port] = free_ports(1)
    certificates = folder / "certificates"
    command = [sys.executable, "-W", "ignore", "-m", "local.snowflake", "--port", str(port)]
    command += ["--certificates", str(certificates), "--blob-endpoint", NO_BLOBS]
    command += ["--database-folder", str(folder / "databases")]
    log = folder / "log.txt"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=output, stderr=output)
    try:
        _wait(process, f"https://127.0.0.1:{port}/health", certificates / "ca.pem", log)
        yield Emulator(port, certificates / "bundle.pem", new_private_key())
    finally:
        process.terminate()
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, authority: Path, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if authority.exists():
            try:
                httpx.get(url, verify=ssl.create_default_context(cafile=authority))
            except (httpx.TransportError, OSError):
                pass
            else:
                return
        time.sleep(0.05)
    raise AssertionError(f"{url} did not answer:\n{log.read_text()[-3000:]}")


def from_environment() -> Emulator:
    """The emulator that another process has started and named in this one's environment."""
    return Emulator(int(os.environ["EMULATOR_PORT"]), Path(), new_private_key())
