"""Starts the servers of the laptop's cloud and waits until they are ready."""

import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from include.times import utc_now
from local import azurite, processes, provision
from local.cloud import Cloud
from local.credentials import BLOB_ACCOUNT, BLOB_DUMMY_KEY
from local.home import REPOSITORY
from local.ports import HOST

READY_SECONDS = 60.0


def start(cloud: Cloud, report: Callable[[str], None] = lambda server: None) -> None:
    """Start every server, wait until all are ready, and create what Terraform creates elsewhere.

    Args:
        cloud: The cloud; its processes are added to `running`.
        report: Called with the name of what is being started.

    Raises:
        ServerFailedError: A server did not start.
        AzuriteInstallError: Azurite could not be installed.
    """
    report("Azurite (Azure Blob Storage)")
    program = azurite.ensure_installed(cloud.home.tools)
    argv = azurite.command(program, HOST, cloud.ports.blob, cloud.home.blobs)
    cloud.start("blob", argv, azurite.node_environment())
    report("Snowflake emulator")
    cloud.home.warehouse.mkdir(parents=True, exist_ok=True)
    _start_module(cloud, "snowflake", _snowflake_options(cloud))
    report("Sources, Fivetran and Slack")
    ensure_data(cloud)
    _start_module(cloud, "sources", _sources_options(cloud))
    _start_module(cloud, "fivetran", _fivetran_options(cloud))
    _start_module(cloud, "slack", ["--messages", str(cloud.home.messages)])
    _wait(cloud, "blob", cloud.url("blob"))
    for server in ("snowflake", "sources", "fivetran", "slack"):
        _wait(cloud, server, f"{cloud.url(server)}/health")
    azurite.ensure_containers(cloud.url("blob"))
    provision.provision(cloud)


def ensure_data(cloud: Cloud) -> None:
    """Generate the sources' data, unless the data folder exists: it is there whole, or not at all.

    Raises:
        ServerFailedError: The data could not be generated.
    """
    data = cloud.home.data
    if data.exists():
        return
    data.parent.mkdir(parents=True, exist_ok=True)
    for left_by_a_killed_start in data.parent.glob(f".{data.name}-*"):
        shutil.rmtree(left_by_a_killed_start, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f".{data.name}-", dir=data.parent))
    midnight = f"{utc_now():%Y-%m-%d}T00:00:00Z"
    command = [sys.executable, "-m", "local.data", "--output", str(made)]
    done = subprocess.run(
        [*command, "--as-of", midnight],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise processes.ServerFailedError(
            f"The sources' data could not be generated.\n{done.stderr}"
        )
    made.rename(data)


def _snowflake_options(cloud: Cloud) -> list[str]:
    return [
        "--certificates", str(cloud.home.certificates),
        "--database-folder", str(cloud.home.warehouse),
        "--blob-endpoint", cloud.url("blob"),
        "--blob-account", BLOB_ACCOUNT,
        "--blob-key", BLOB_DUMMY_KEY,
    ]  # fmt: skip


def _sources_options(cloud: Cloud) -> list[str]:
    return ["--data", str(cloud.home.data), "--faults", str(cloud.home.faults)]


def _fivetran_options(cloud: Cloud) -> list[str]:
    return [
        *_sources_options(cloud),
        "--state", str(cloud.home.fivetran_state),
        "--api-key", cloud.credentials.fivetran_key,
        "--api-secret", cloud.credentials.fivetran_secret,
        "--snowflake-port", str(cloud.ports.snowflake),
        "--snowflake-private-key", cloud.credentials.private_key,
    ]  # fmt: skip


def _start_module(cloud: Cloud, server: str, options: list[str]) -> None:
    port = str(cloud.ports.as_dict()[server])
    argv = [sys.executable, "-m", f"local.{server}", "--port", port, *options]
    cloud.start(server, argv, {"REQUESTS_CA_BUNDLE": str(cloud.bundle)})


def _wait(cloud: Cloud, server: str, address: str) -> None:
    process = next(started for started in reversed(cloud.running) if started.name == server)
    authorities = ssl.create_default_context(cafile=cloud.bundle)

    def responds() -> bool:
        try:
            return not httpx.get(address, verify=authorities, timeout=2).is_server_error
        except httpx.HTTPError:
            return False

    log = cloud.home.logs / f"{server}.log"
    processes.wait_until_ready(process, responds, log, READY_SECONDS)
