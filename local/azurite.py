"""Azurite, Microsoft's emulator of Azure Blob Storage, on the Node.js of a Python wheel."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from azure.storage.blob import BlobServiceClient, CorsRule, PublicAccess

from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from local.credentials import BLOB_ACCOUNT, BLOB_DUMMY_KEY

VERSION = "3.37.0"


class AzuriteInstallError(RuntimeError):
    """Azurite could not be installed; the message has npm's reason."""


def node_environment() -> dict[str, str]:
    """The environment in which npm and Azurite find the virtual environment's Node.js."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def ensure_installed(tools: Path) -> Path:
    """Install Azurite under `tools`, unless it is there in the pinned version; return its program.

    Raises:
        AzuriteInstallError: npm failed, or the folder cannot be written.
    """
    package = tools / "node_modules" / "azurite" / "package.json"
    program = package.parent / "dist" / "src" / "blob" / "main.js"
    try:
        tools.mkdir(parents=True, exist_ok=True)
        # Two test processes may get here at once: the second one waits and finds it installed.
        with (tools / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_installed(program, package):
                _install(tools, _npm())
    except OSError as error:
        # Another user's checkout serves, if Azurite is installed in it.
        if not _is_installed(program, package):
            raise AzuriteInstallError(
                f"Azurite {VERSION} cannot be installed: {tools} cannot be written"
                f" ({error.strerror}). Use a checkout of your own."
            ) from None
    return program


def _is_installed(program: Path, package: Path) -> bool:
    try:
        return program.exists() and json.loads(package.read_text())["version"] == VERSION
    except (OSError, ValueError, KeyError):
        return False


def _npm() -> str:
    npm = shutil.which("npm", path=node_environment()["PATH"])
    if npm is None:
        raise AzuriteInstallError(
            "npm was not found, although the Python packages of this project bring it:"
            " run make clean, and start again."
        )
    return npm


def _install(tools: Path, npm: str) -> None:
    options = [
        "--no-package-lock", "--no-audit", "--no-fund", "--omit=optional", "--ignore-scripts",
        "--no-update-notifier",
        # The home may be read-only, and npm's log is a part of its cache (its page "config").
        f"--cache={tools / 'npm-cache'}",
        # Without a network npm tries for minutes otherwise.
        "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000",
    ]  # fmt: skip
    done = subprocess.run(
        [npm, "install", "--prefix", str(tools), *options, f"azurite@{VERSION}"],
        env={**os.environ, **node_environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AzuriteInstallError(
            f"npm could not install azurite {VERSION}: {_reason(done.stderr)}."
            " The first start needs npm's registry; check the network and start again."
        )


def _reason(output: str) -> str:
    """The line of npm's output that says why it failed."""
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines()]
    reasons = [line for line in lines if "reason:" in line or "EACCES" in line or "ENOSPC" in line]
    return [*reasons, *filter(None, lines), "no reason given"][0].rstrip(".")[:200]


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
