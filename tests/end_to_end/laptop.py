"""A laptop's cloud of a test's own, started with the Makefile's commands."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psutil

from include.publishing.azure_store import AzureStore
from include.publishing.store import Store
from local.airflow_api import AirflowApi
from local.azurite import client
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.ports import Ports, free_ports, variable
from tests.cleanup import marks
from tests.slack import Slack

SHORT_WAITS = {"DDRC_RETRY_SECONDS": "1", "DDRC_SYNC_TIMEOUT_SECONDS": "10"}


class Laptop:
    """A cloud with another home and other ports than the tests' shared one.

    Args:
        folder: Its home.
        settings: Environment variables of its commands.
        checkout: The checkout that its commands run in.
        prefix: The words before its commands, which run them as another user, for example.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        checkout: Path = REPOSITORY,
        prefix: Sequence[str] = (),
    ) -> None:
        self.settings = settings or {}
        self.checkout, self.prefix = checkout, prefix
        self.home = Home(folder)
        self.ports = Ports(*free_ports(6))
        self.cloud = Cloud(self.home, self.ports)

    def make(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run the command of a Makefile's target."""
        process = self.begin(command)
        output, _ = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    def begin(self, command: str) -> subprocess.Popen[str]:
        """Begin the command of a Makefile's target, and do not wait for its end."""
        return subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "local", command],
            cwd=self.checkout,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def environment(self) -> dict[str, str]:
        """A minimal environment; by its marks, all that is started ends with the test's process."""
        basics = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        ports = {variable(server): str(port) for server, port in self.ports.as_dict().items()}
        home = {"LOCAL_HOME": str(self.home.root)}
        return {**basics, **marks(), **ports, **SHORT_WAITS, **self.settings, **home}

    def processes(self) -> list[psutil.Process]:
        """All processes on this machine that were started for this home."""
        return [process for process in psutil.process_iter() if self._owns(process)]

    def _owns(self, process: psutil.Process) -> bool:
        try:
            words = [*process.cmdline(), process.environ().get("AIRFLOW_HOME", "")]
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return False
        return any(str(self.home.root) in word for word in words)

    @cached_property
    def api(self) -> AirflowApi:
        """Its Airflow's API."""
        return AirflowApi(self.cloud.url("airflow"))

    @cached_property
    def store(self) -> Store:
        """Its storage account."""
        return AzureStore(client(self.cloud.url("blob")))

    def published(self) -> dict[str, float]:
        """The published values by name, read without credentials."""
        response = httpx.get(self.cloud.published_url).raise_for_status()
        assert response.headers["content-type"] == "application/json"
        return {metric["METRIC_NAME"]: metric["METRIC_VALUE"] for metric in response.json()}

    def message_texts(self) -> list[str]:
        """The texts of the Slack messages, oldest first."""
        return [message["text"] for message in self.messages()]

    def messages(self) -> list[dict[str, Any]]:
        """The Slack messages, oldest first."""
        return Slack(self.cloud.url("slack")).messages()
