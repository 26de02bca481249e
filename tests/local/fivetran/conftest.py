"""An emulated Fivetran account per test, with a raw database of its own in the cloud."""

import asyncio
import json
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from snowflake.connector import SnowflakeConnection
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from local import provision
from local.cloud import Cloud
from local.faults import clear_faults, set_fault
from local.fivetran.__main__ import der_key
from local.fivetran.app import create_app
from local.fivetran.warehouse import Destination
from local.ports import HOST, free_ports
from tests.local.fivetran.samples import write_data

KEY = ("key", "secret")
SYNC_SECONDS = 30.0
# Making one takes longer than most requests do.
TRUSTED = ssl.create_default_context()


@pytest.fixture(scope="session")
def warehouse(cloud: Cloud) -> Iterator[SnowflakeConnection]:
    """A session in the cloud's warehouse."""
    with provision.connect(cloud) as connection:
        yield connection


class Door:
    """One web server for all tests, which serves the account of the test at hand."""

    def __init__(self) -> None:
        (port,) = free_ports(1)
        self.url = f"http://{HOST}:{port}"
        self.app: Starlette | None = None
        config = uvicorn.Config(self, host=HOST, port=port, log_config=None, lifespan="off")
        self.server = uvicorn.Server(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    door = Door()
    thread = threading.Thread(target=door.server.run)
    thread.start()
    while not door.server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield door
    door.server.should_exit = True
    thread.join()


@dataclass
class Account:
    """A running Fivetran API, its data folder, and the raw database that it writes."""

    url: str
    folder: Path
    destination: Destination
    warehouse: SnowflakeConnection
    stop: Callable[[], None]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, auth=KEY, verify=TRUSTED)

    def rewrite(self, source: str, rows: list[dict[str, Any]]) -> None:
        file = self.folder / "data" / "fivetran" / source / "rows.json"
        file.write_text(json.dumps(rows), encoding="utf-8")

    def break_(self, source: str, fault: str) -> None:
        set_fault(self.folder / "faults.json", source, fault)

    def mend(self) -> None:
        clear_faults(self.folder / "faults.json")

    def connector(self, connector_id: str) -> dict[str, Any]:
        found = self.client.get(f"/v1/connectors/{connector_id}").raise_for_status().json()
        return dict(found["data"])

    def start(self, connector_id: str, call: str = "force") -> httpx.Response:
        self.client.patch(f"/v1/connectors/{connector_id}", json={"paused": False})
        return self.client.post(f"/v1/connectors/{connector_id}/{call}")

    def sync(self, connector_id: str, call: str = "force") -> dict[str, Any]:
        """Sync, and return the connector once it is over."""
        self.start(connector_id, call).raise_for_status()
        return self.wait(connector_id)

    def wait(self, connector_id: str) -> dict[str, Any]:
        """The connector once its sync is over; the server runs a sync in a thread of its name."""
        for thread in threading.enumerate():
            if thread.name == connector_id:
                thread.join(SYNC_SECONDS)
        found = self.connector(connector_id)
        assert found["status"]["sync_state"] != "syncing"
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.warehouse.cursor() as cursor:
            cursor.execute(f"USE DATABASE {self.destination.database}")
            return [tuple(row) for row in cursor.execute(sql).fetchall()]


OpenAccount = Callable[[Path], Account]


@pytest.fixture(scope="session")
def private_key(cloud: Cloud) -> bytes:
    """What the accounts log in to the warehouse with."""
    return der_key(cloud.credentials.private_key)


@pytest.fixture
def open_account(
    cloud: Cloud, warehouse: SnowflakeConnection, private_key: bytes, door: Door
) -> Iterator[OpenAccount]:
    """Serves the account that a folder holds; the raw database is the test's own."""
    database = f"RAW_FIVETRAN_{uuid.uuid4().hex[:8].upper()}"
    destination = Destination(HOST, cloud.ports.snowflake, private_key, database)
    with warehouse.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database}")
        with ExitStack() as opened:
            yield lambda folder: opened.enter_context(
                _account(folder, destination, warehouse, door)
            )
        cursor.execute(f"DROP DATABASE {database}")


@pytest.fixture
def account(open_account: OpenAccount, tmp_path: Path) -> Account:
    """A fresh account over the small sources of this file."""
    write_data(tmp_path)
    return open_account(tmp_path)


@contextmanager
def _account(
    folder: Path, destination: Destination, warehouse: SnowflakeConnection, door: Door
) -> Iterator[Account]:
    app = create_app(
        data=folder / "data",
        faults=folder / "faults.json",
        state=folder / "state.json",
        api_key=KEY[0],
        api_secret=KEY[1],
        destination=destination,
        sync_seconds=0,
    )

    async def shut_down() -> None:
        async with app.router.lifespan_context(app):
            door.app = None

    account = Account(door.url, folder, destination, warehouse, lambda: asyncio.run(shut_down()))
    door.app = app
    try:
        yield account
    finally:
        account.client.close()
        account.stop()
