"""An emulator beside the cloud's, for tests that restart it."""

import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from local import processes
from local.cloud import Cloud
from local.ports import HOST, free_ports
from tests.local.snowflake.client import WAREHOUSES, Emulator

READY_SECONDS = 60.0


@contextmanager
def emulator(cloud: Cloud, databases: Path) -> Iterator[Emulator]:
    """An emulator with its databases in a folder; storage and certificates are the cloud's."""
    (port,) = free_ports(1)
    log = databases.with_suffix(".log")
    options = ["--certificates", str(cloud.home.certificates), "--database-folder", str(databases)]
    command = [sys.executable, "-m", "local.snowflake", "--port", str(port), *options]
    running = processes.start("snowflake", command, {}, log)
    trusted = ssl.create_default_context(cafile=cloud.bundle)

    def answers() -> bool:
        try:
            return httpx.get(f"https://{HOST}:{port}/health", verify=trusted).is_success
        except httpx.HTTPError:
            return False

    try:
        processes.wait_until_ready(running, answers, log, READY_SECONDS)
        key = cloud.credentials.private_key_pem
        started = Emulator(port, cloud.home.certificates, key)
        with started.connect() as connection:
            for name in WAREHOUSES:
                connection.cursor().execute(f"CREATE WAREHOUSE IF NOT EXISTS {name}")
        yield started
    finally:
        processes.stop([running])
