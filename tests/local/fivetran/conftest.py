"""An emulated Fivetran account per test, over one emulated warehouse for all of them."""

import itertools
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import snowflake.connector
import uvicorn

from local import processes
from local.credentials import ensure_credentials
from local.faults import clear_faults, set_fault
from local.fivetran.__main__ import der_key
from local.fivetran.app import create_app
from local.fivetran.warehouse import Destination
from local.ports import HOST, free_ports
from tests.local.fivetran.samples import write_data

KEY = ("key", "secret")
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Destination]:
    """A running warehouse, with the certificates that the session trusts."""
    folder = tmp_path_factory.mktemp("warehouse")
    (port,) = free_ports(1)
    certificates = Path(os.environ["REQUESTS_CA_BUNDLE"]).parent
    options = ["--certificates", str(certificates), "--database-folder", str(folder / "databases")]
    argv = [shutil.which("python") or "python", "-m", "local.snowflake", "--port", str(port)]
    running = processes.start("snowflake", [*argv, *options], {}, folder / "log")
    try:
        bundle = certificates / "bundle.pem"

        def answers() -> bool:
            try:
                return httpx.get(f"https://{HOST}:{port}/health", verify=str(bundle)).is_success
            except httpx.HTTPError:
                return False

        processes.wait_until_ready(running, answers, folder / "log", 60)
        private_key = ensure_credentials(folder / "credentials.json").private_key
        yield Destination(HOST, port, der_key(private_key), "RAW")
    finally:
        processes.stop([running])


@dataclass
class Account:
    """A running Fivetran API, its data folder, and the raw database that it writes."""

    url: str
    folder: Path
    destination: Destination
    stop: Callable[[], None]
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, auth=KEY)

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
        deadline = time.monotonic() + 30
        while (found := self.connector(connector_id))["status"]["sync_state"] == "syncing":
            assert time.monotonic() < deadline, f"{connector_id} is still syncing"
            time.sleep(0.02)
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with snowflake.connector.connect(
            account="local",
            user="TEST",
            private_key=self.destination.private_key,
            host=self.destination.host,
            port=self.destination.port,
            database=self.destination.database,
        ) as connection:
            return list(connection.cursor().execute(sql).fetchall())


OpenAccount = Callable[[Path], Account]


@pytest.fixture
def open_account(warehouse: Destination) -> Iterator[OpenAccount]:
    """Serves the account that a folder holds; the raw database is the test's own."""
    database = f"RAW_FIVETRAN_{next(_NUMBERS)}"
    destination = Destination(HOST, warehouse.port, warehouse.private_key, database)
    with ExitStack() as opened:

        def open_(folder: Path) -> Account:
            return opened.enter_context(_serve(folder, destination))

        creator = Account("http://unused", Path(), warehouse, lambda: None)
        creator.rows(f"CREATE DATABASE {database}")
        yield open_


@pytest.fixture
def account(open_account: OpenAccount, tmp_path: Path) -> Account:
    """A fresh account over the small sources of this file."""
    write_data(tmp_path)
    return open_account(tmp_path)


@contextmanager
def _serve(folder: Path, destination: Destination) -> Iterator[Account]:
    app = create_app(
        data=folder / "data",
        faults=folder / "faults.json",
        state=folder / "state.json",
        api_key=KEY[0],
        api_secret=KEY[1],
        destination=destination,
        sync_seconds=0,
    )
    (port,) = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()

    def stop() -> None:
        server.should_exit = True
        thread.join()

    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    account = Account(f"http://{HOST}:{port}", folder, destination, stop)
    try:
        yield account
    finally:
        account.client.close()
        stop()
