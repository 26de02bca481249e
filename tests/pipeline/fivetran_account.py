"""The emulated Fivetran account that the tasks of a DAG talk to over HTTP.

Its warehouse is a port on which nothing listens: every sync fails, unless a test lets it land.
"""

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from airflow.sdk.exceptions import TaskDeferred
from fivetran_provider_async.hooks import FivetranHook
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from local.faults import clear_faults, set_fault
from local.fivetran.app import create_app
from local.fivetran.connectors import CONNECTORS
from local.fivetran.statements import Sync
from local.fivetran.warehouse import Destination
from local.ports import HOST, free_ports
from tests.local.fivetran.samples import AIRTABLE

# Made once: making it takes longer than most requests.
CLIENT = httpx.Client(auth=("dummy-key", "dummy-secret"))


class Account:
    """A running Fivetran API in a folder, and what can go wrong with it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.app = self.new_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def revoke_key(self) -> None:
        self.monkeypatch.setenv("AIRFLOW_CONN_FIVETRAN", "fivetran://dummy-key:dummy-revoked@")

    def delete_connector(self) -> None:
        self.monkeypatch.delitem(CONNECTORS, AIRTABLE)

    def exhaust_requests(self) -> None:
        self.app = self.new_app(hourly_requests=0)

    def break_api(self) -> None:
        self.fault("error-500")

    def fault(self, name: str) -> None:
        set_fault(self.folder / "faults.json", "airtable", name)

    def details(self, connector_id: str = AIRTABLE) -> dict[str, Any]:
        return dict(self.call("GET", connector_id)["data"])

    def change(self, connector_id: str = AIRTABLE, **settings: object) -> None:
        """Change a connector's settings, as somebody does in Fivetran."""
        self.call("PATCH", connector_id, settings)

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        url = f"http://{FivetranHook.api_host}/v1/connectors/{path}"
        return dict(CLIENT.request(method, url, json=body).raise_for_status().json())

    def due_now(self) -> None:
        """Bring the rescheduled sync forward to now."""
        file = self.folder / "state.json"
        stored = json.loads(file.read_text())
        stored[AIRTABLE]["rescheduled_for"] = "2026-01-01T00:00:00.000000Z"
        file.write_text(json.dumps(stored))
        self.app = self.new_app()

    def let_rows_land(self) -> list[Sync]:
        """Have syncs succeed; the list of those that did."""
        landed: list[Sync] = []

        def land(_: Destination, sync: Sync, before_commit: Callable[[], None]) -> None:
            before_commit()
            landed.append(sync)

        self.monkeypatch.setattr(Destination, "land", land)
        return landed

    def fix(self) -> None:
        clear_faults(self.folder / "faults.json")

    def new_app(self, **options: Any) -> Starlette:
        (unused,) = free_ports(1)
        return create_app(
            data=self.folder / "data",
            faults=self.folder / "faults.json",
            state=self.folder / "state.json",
            api_key="dummy-key",
            api_secret="dummy-secret",
            destination=Destination(HOST, unused, b"", "RAW"),
            sync_seconds=0,
            **options,
        )


def rename_base(folder: Path, base: str, table: str = "METRICS") -> None:
    """Give the Airtable base, and its table, other names: Fivetran makes the schema's from them.

    Args:
        folder: The account's folder.
        base: The base's new name.
        table: The table's new name.
    """
    file = folder / "data" / "fivetran" / "airtable" / "schema.json"
    columns = json.loads(file.read_text())["columns"]
    file.write_text(json.dumps({"base": base, "table": table, "columns": columns}))


def event_of(deferred: TaskDeferred) -> dict[str, Any]:
    """The event of a deferred task's trigger."""

    async def first() -> dict[str, Any]:
        return dict((await anext(deferred.trigger.run())).payload)

    return asyncio.run(asyncio.wait_for(first(), 30))


def join_sync(connector_id: str = AIRTABLE) -> None:
    """Wait for the end of a connector's sync; its thread bears the connector's id."""
    for thread in threading.enumerate():
        if thread.name == connector_id:
            thread.join()
