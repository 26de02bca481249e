"""The laptop's cloud as one thing: its servers, their order, their readiness."""

import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from include.publishing.names import PUBLIC_CONTAINER, PUBLISHED_FILE
from local import azurite, processes, provision
from local.certificates import ensure_certificates
from local.credentials import (
    BLOB_ACCOUNT,
    BLOB_DUMMY_KEY,
    SLACK_PATH,
    Credentials,
    ensure_credentials,
)
from local.home import REPOSITORY, Home
from local.ports import HOST, Ports

READY_SECONDS = 60.0


@dataclass
class Cloud:
    """Snowflake, Azure Blob, the sources, Fivetran and Slack, on this machine.

    `running` holds the processes that this object started.
    """

    home: Home
    ports: Ports
    running: list[processes.Running] = field(default_factory=list)

    @property
    def credentials(self) -> Credentials:
        """The dummy secrets that its servers accept."""
        return ensure_credentials(self.home.credentials)

    @property
    def bundle(self) -> Path:
        """The certificates to trust: the world's, and this laptop's own authority."""
        return ensure_certificates(self.home.certificates).bundle

    def url(self, server: str) -> str:
        """A server's address, for example `http://127.0.0.1:8086`."""
        scheme = "https" if server == "snowflake" else "http"
        return f"{scheme}://{HOST}:{self.ports.as_dict()[server]}"

    @property
    def published_url(self) -> str:
        """Where the public page would read the published file."""
        return self.blob_url(PUBLISHED_FILE)

    def blob_url(self, path: str) -> str:
        """The public address of a blob in the public container."""
        return f"{self.url('blob')}/{BLOB_ACCOUNT}/{PUBLIC_CONTAINER}/{path}"

    @property
    def blob_connection_string(self) -> str:
        """What an Azure client needs to reach the emulated storage account."""
        return azurite.connection_string(self.url("blob"))

    @property
    def slack_webhook(self) -> str:
        """The incoming webhook that the Slack connection points to."""
        return f"{self.url('slack')}{SLACK_PATH}"

    def start(self, tell: Callable[[str], None] = lambda line: None) -> None:
        """Start every server, wait until each answers, and provision what Terraform would.

        Raises:
            ServerFailedError: a server did not come up.
            AzuriteInstallError: Azurite could not be installed.
        """
        tell("Azurite (Azure Blob Storage)")
        self._start_blob()
        tell("Snowflake emulator")
        self._start_snowflake()
        provision.provision(self)
        tell("Sources, Fivetran and Slack")
        self._ensure_data()
        self._start_module("sources", self._sources_options())
        self._start_module("fivetran", self._fivetran_options())
        self._start_module("slack", ["--messages", str(self.home.messages)])
        for server in ("sources", "fivetran", "slack"):
            self._wait(server, f"{self.url(server)}/health")

    def stop(self) -> None:
        """End every server that this object started."""
        processes.stop(self.running)
        self.running.clear()

    def _start_blob(self) -> None:
        program = azurite.ensure_installed(self.home.tools)
        argv = azurite.command(program, HOST, self.ports.blob, self.home.blobs)
        self._start("blob", argv, azurite.node_environment())
        self._wait("blob", self.url("blob"))
        azurite.ensure_containers(self.url("blob"))

    def _start_snowflake(self) -> None:
        self.home.warehouse.mkdir(parents=True, exist_ok=True)
        ensure_certificates(self.home.certificates)
        options = [
            "--certificates", str(self.home.certificates),
            "--database-folder", str(self.home.warehouse),
            "--blob-endpoint", self.url("blob"),
            "--blob-account", BLOB_ACCOUNT,
            "--blob-key", BLOB_DUMMY_KEY,
        ]  # fmt: skip
        self._start_module("snowflake", options)
        self._wait("snowflake", f"{self.url('snowflake')}/health")

    def _ensure_data(self) -> None:
        """Generate the sources' data once; a folder that a person chose is served as it is."""
        if self.home.data.exists():
            return
        midnight = f"{datetime.now(UTC):%Y-%m-%d}T00:00:00Z"
        command = [sys.executable, "-m", "local.data", "--output", str(self.home.data)]
        done = subprocess.run(
            [*command, "--as-of", midnight],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise processes.ServerFailedError(
                f"The sources' data could not be made.\n{done.stderr}"
            )

    def _sources_options(self) -> list[str]:
        return ["--data", str(self.home.data), "--faults", str(self.home.faults)]

    def _fivetran_options(self) -> list[str]:
        return [
            *self._sources_options(),
            "--state", str(self.home.fivetran_state),
            "--api-key", self.credentials.fivetran_key,
            "--api-secret", self.credentials.fivetran_secret,
            "--snowflake-port", str(self.ports.snowflake),
            "--snowflake-private-key", self.credentials.private_key,
        ]  # fmt: skip

    def _start_module(self, server: str, options: list[str]) -> None:
        port = str(self.ports.as_dict()[server])
        argv = [sys.executable, "-m", f"local.{server}", "--port", port, *options]
        self._start(server, argv, {"REQUESTS_CA_BUNDLE": str(self.bundle)})

    def _start(self, server: str, argv: list[str], environment: dict[str, str]) -> None:
        log = self.home.logs / f"{server}.log"
        self.running.append(processes.start(server, argv, environment, log))

    def _wait(self, server: str, address: str) -> None:
        process = next(each for each in reversed(self.running) if each.name == server)
        trusted = ssl.create_default_context(cafile=self.bundle)

        def answers() -> bool:
            try:
                return not httpx.get(address, verify=trusted, timeout=2).is_server_error
            except httpx.HTTPError:
                return False

        log = self.home.logs / f"{server}.log"
        processes.wait_until_ready(process, answers, log, READY_SECONDS)
