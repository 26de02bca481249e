"""Azurite, Microsoft's emulator of Azure Blob Storage, on the Node.js of a Python wheel."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

from azure.storage.blob import BlobServiceClient, CorsRule, PublicAccess

from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from local.credentials import BLOB_ACCOUNT, BLOB_DUMMY_KEY

VERSION = "3.37.0"


class AzuriteInstallError(RuntimeError):
    """npm could not install Azurite; the message holds npm's output."""


def node_environment() -> dict[str, str]:
    """The environment in which npm and Azurite find the virtual environment's Node.js."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def ensure_installed(tools: Path) -> Path:
    """Install Azurite under `tools`, unless it is there in the pinned version; return its program.

    Raises:
        AzuriteInstallError: npm failed.
    """
    package = tools / "node_modules" / "azurite" / "package.json"
    program = package.parent / "dist" / "src" / "blob" / "main.js"
    tools.mkdir(parents=True, exist_ok=True)
    # Two test processes may get here at once: the second one waits and finds Azurite installed.
    with (tools / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists() or json.loads(package.read_text())["version"] != VERSION:
            _install(tools)
    return program


def _install(tools: Path) -> None:
    options = [
        "--no-package-lock",
        "--no-audit",
        "--no-fund",
        "--omit=optional",
        "--ignore-scripts",
    ]
    done = subprocess.run(
        ["npm", "install", "--prefix", str(tools), *options, f"azurite@{VERSION}"],  # noqa: S607
        env={**os.environ, **node_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AzuriteInstallError(
            f"npm could not install azurite {VERSION}:\n{done.stderr[-2000:]}"
        )


def command(program: Path, host: str, port: int, folder: Path) -> list[str]:
    """The command that starts Azurite.

    Args:
        program: Azurite's program, from `ensure_installed`.
        host: The address to listen on.
        port: The port to listen on.
        folder: The folder of its files.
    """
    options = ["--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    return [
        "node", str(program),
        "--blobHost", host, "--blobPort", str(port), "--location", str(folder),
        *options,
    ]  # fmt: skip


def connection_string(endpoint: str) -> str:
    """The connection string of the emulated account, with its well-known dummy key."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={BLOB_ACCOUNT};AccountKey={BLOB_DUMMY_KEY};"
        f"BlobEndpoint={endpoint}/{BLOB_ACCOUNT};"
    )


def client(endpoint: str) -> BlobServiceClient:
    """A client of the emulated account."""
    return BlobServiceClient.from_connection_string(connection_string(endpoint))


def ensure_containers(endpoint: str) -> None:
    """Create the containers as Terraform does: one is public and readable by any web page."""
    service = client(endpoint)
    if not service.get_container_client(PUBLIC_CONTAINER).exists():
        service.create_container(PUBLIC_CONTAINER, public_access=PublicAccess.BLOB)
    for private in (CANDIDATES_CONTAINER, VERSIONS_CONTAINER):
        if not service.get_container_client(private).exists():
            service.create_container(private)
    any_page = CorsRule(["*"], ["GET", "HEAD"], allowed_headers=["*"], max_age_in_seconds=3600)
    service.set_service_properties(cors=[any_page])
