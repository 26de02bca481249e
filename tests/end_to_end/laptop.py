"""A laptop of a test's own, on which `make run` was typed."""

import os
import subprocess
import sys
from collections.abc import Mapping
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

IMPATIENT = {"DDRC_RETRY_SECONDS": "1", "DDRC_SYNC_TIMEOUT_SECONDS": "10"}


class Laptop:
    """A laptop of its own: another home and other ports than the session's cloud.

    `settings` are in the environment of what is typed.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.settings = settings or {}
        self.home = Home(folder)
        self.ports = Ports(*free_ports(6))
        self.cloud = Cloud(self.home, self.ports)

    def make(self, command: str) -> subprocess.CompletedProcess[str]:
        """What the Makefile's target runs, with what a person's shell would hold."""
        ports = {variable(server): str(port) for server, port in self.ports.as_dict().items()}
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(
            [sys.executable, "-m", "local", command],
            cwd=REPOSITORY,
            env={**kept, **ports, **IMPATIENT, **self.settings, "LOCAL_HOME": str(self.home.root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def processes(self) -> list[psutil.Process]:
        """Everything on this machine that was started for this laptop's folder."""
        return [each for each in psutil.process_iter() if self._is_ours(each)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            words = [*process.cmdline(), process.environ().get("AIRFLOW_HOME", "")]
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return False
        return any(str(self.home.root) in word for word in words)

    @cached_property
    def api(self) -> AirflowApi:
        """Its Airflow."""
        return AirflowApi(self.cloud.url("airflow"))

    @cached_property
    def store(self) -> Store:
        """Its storage account."""
        return AzureStore(client(self.cloud.url("blob")))

    def published(self) -> dict[str, float]:
        """The published values by name, read as anyone may."""
        answer = httpx.get(self.cloud.published_url).raise_for_status()
        assert answer.headers["content-type"] == "application/json"
        return {metric["METRIC_NAME"]: metric["METRIC_VALUE"] for metric in answer.json()}

    def told(self) -> list[str]:
        """What Slack was told, oldest first."""
        return [message["text"] for message in self.messages()]

    def messages(self) -> list[dict[str, Any]]:
        """The JSON that reached Slack, oldest first."""
        received = httpx.get(f"{self.cloud.url('slack')}/messages.json").raise_for_status().json()
        return [each["message"] for each in received]
