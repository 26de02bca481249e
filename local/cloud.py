"""One laptop cloud: the addresses of its servers, their certificates and processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from include.publishing.names import PUBLIC_CONTAINER, PUBLISHED_FILE
from local import azurite, processes
from local.certificates import ensure_certificates
from local.credentials import BLOB_ACCOUNT, SLACK_PATH, Credentials, ensure_credentials
from local.home import Home
from local.ports import HOST, Ports


@dataclass
class Cloud:
    """Snowflake, Azure Blob Storage, the sources, Fivetran and Slack on this machine.

    Attributes:
        home: The folder of its files.
        ports: The ports of its servers.
        running: The processes that were started for it.
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
        """The certificates to trust: the public authorities and this laptop's own."""
        return ensure_certificates(self.home.certificates).bundle

    def url(self, server: str) -> str:
        """A server's address, for example `http://127.0.0.1:8086`."""
        scheme = "https" if server == "snowflake" else "http"
        return f"{scheme}://{HOST}:{self.ports.as_dict()[server]}"

    @property
    def published_url(self) -> str:
        """The public address of the published file."""
        return self.blob_url(PUBLISHED_FILE)

    def blob_url(self, path: str) -> str:
        """The public address of a blob in the public container."""
        return f"{self.url('blob')}/{BLOB_ACCOUNT}/{PUBLIC_CONTAINER}/{path}"

    @property
    def blob_connection_string(self) -> str:
        """The connection string of the emulated storage account."""
        return azurite.connection_string(self.url("blob"))

    @property
    def slack_webhook(self) -> str:
        """The address of the emulated Slack webhook."""
        return f"{self.url('slack')}{SLACK_PATH}"

    def start(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str]
    ) -> processes.Running:
        """Start one of its processes and record it at once, for `make stop`.

        Args:
            name: The server's name, also of its log.
            argv: The command.
            environment: Environment variables in addition to this process's own.
        """
        log = self.home.logs / f"{name}.log"
        running = processes.start(name, argv, environment, log)
        self.running.append(running)
        self.record({"ports": self.ports.as_dict()}, running)
        return running

    def record(self, settings: Mapping[str, object], *more: processes.Running) -> None:
        """Save these settings and processes beside those that are saved."""
        started, saved = processes.load(self.home.processes)
        processes.save(self.home.processes, [*started, *more], {**saved, **settings})

    def stop(self, seconds: float = processes.STOP_SECONDS) -> None:
        """Stop all its processes; kill those that still run after so many seconds."""
        processes.stop(self.running, seconds)
        self.running.clear()
        self.home.processes.unlink(missing_ok=True)
