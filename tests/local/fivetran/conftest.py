"""An emulated Fivetran account for each test, with a raw database of its own."""

import asyncio
import json
import ssl
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from snowflake.connector import SnowflakeConnection
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from local import provision
from local.cloud import Cloud
from local.credentials import private_key_der
from local.faults import clear_faults, set_fault
from local.fivetran.app import create_app
from local.fivetran.warehouse import Destination, fivetran_name
from local.ports import HOST
from tests.local.fivetran.samples import write_data
from tests.serving import serving

KEY = ("key", "secret")
SYNC_SECONDS = 30.0
# Made once: making it takes longer than most requests.
TLS = ssl.create_default_context()


@pytest.fixture(scope="session")
def warehouse(cloud: Cloud) -> Iterator[SnowflakeConnection]:
    """A session in the cloud's warehouse."""
    with provision.connect(cloud) as connection:
        yield connection


class AccountServer:
    """One web server for all tests, which serves the account of the current test."""

    def __init__(self) -> None:
        self.url = ""
        self.app: Starlette | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def account_server() -> Iterator[AccountServer]:
    account_server = AccountServer()
    with serving(account_server, lifespan="off") as account_server.url:
        yield account_server


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
        self.client = httpx.Client(base_url=self.url, auth=KEY, verify=TLS)

    def rewrite(self, source: str, rows: list[dict[str, Any]]) -> None:
        file = self.folder / "data" / "fivetran" / source / "rows.json"
        file.write_text(json.dumps(rows), encoding="utf-8")

    def break_(self, source: str, fault: str) -> None:
        set_fault(self.folder / "faults.json", source, fault)

    def fix(self) -> None:
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
        """Return the connector when its sync is over; its thread bears the connector's id."""
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
    """The key of the accounts' sessions in the warehouse."""
    return private_key_der(cloud.credentials.private_key)


@pytest.fixture
def open_account(
    cloud: Cloud, warehouse: SnowflakeConnection, private_key: bytes, account_server: AccountServer
) -> Iterator[OpenAccount]:
    """Open the account of a folder, with a raw database of the test's own."""
    database = f"RAW_FIVETRAN_{uuid.uuid4().hex[:8].upper()}"
    destination = Destination(HOST, cloud.ports.snowflake, private_key, database)
    with warehouse.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {database}")
        # As Terraform grants them on the raw database.
        cursor.execute(
            f"GRANT CREATE SCHEMA, MONITOR, USAGE ON DATABASE {database} TO ROLE {fivetran_name()}"
        )
        with ExitStack() as opened:
            yield lambda folder: opened.enter_context(
                _account(folder, destination, warehouse, account_server)
            )
        cursor.execute(f"DROP DATABASE {database}")


@pytest.fixture
def account(open_account: OpenAccount, tmp_path: Path) -> Account:
    """A new account with the sample data."""
    write_data(tmp_path)
    return open_account(tmp_path)


@contextmanager
def _account(
    folder: Path,
    destination: Destination,
    warehouse: SnowflakeConnection,
    account_server: AccountServer,
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
            account_server.app = None

    account = Account(
        account_server.url, folder, destination, warehouse, lambda: asyncio.run(shut_down())
    )
    account_server.app = app
    try:
        yield account
    finally:
        account.client.close()
        account.stop()
