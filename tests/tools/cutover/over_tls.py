"""An emulated account behind Snowflake's protocol, for the stock connector."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest
import uvicorn
from snowflake.connector import SnowflakeConnection, connect

from local.certificates import ensure_certificates
from local.ports import HOST, free_ports
from local.snowflake.account import Account
from local.snowflake.app import make_app
from tests.loaders.emulator import new_private_key

KEY = new_private_key()


@contextmanager
def served(account: Account, folder: Path) -> Iterator[int]:
    """Serve an account of this process; the port."""
    certificates = ensure_certificates(folder)
    (port,) = free_ports(1)
    config = uvicorn.Config(
        make_app(account),
        host=HOST,
        port=port,
        ssl_certfile=certificates.server,
        log_config=None,
        # The test closes the account.
        lifespan="off",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificates.bundle))
        while not server.started:
            sleep(0.01)
        yield port
    server.should_exit = True
    thread.join()


def log_in(port: int, role: str, user: str = "PROVISIONER") -> SnowflakeConnection:
    """A session of the stock connector."""
    from cryptography.hazmat.primitives import serialization

    return connect(
        account="laptop",
        user=user,
        role=role,
        warehouse="LOADING_XS_DDRC_PRD",
        host=HOST,
        port=port,
        authenticator="SNOWFLAKE_JWT",
        private_key=serialization.load_pem_private_key(KEY, None),
    )
