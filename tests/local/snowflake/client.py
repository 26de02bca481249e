"""A running emulator: sessions of Snowflake's own connector, and plain requests."""

import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import snowflake.connector
from cryptography.hazmat.primitives import serialization
from snowflake.connector import SnowflakeConnection

from local.ports import HOST

# A container that no other test uses.
CONTAINER = "unloads"

# The warehouses that sessions of the tests name.
WAREHOUSES = ("LOADING", "TRANSFORMING", "REPORTING")

Connect = Callable[..., SnowflakeConnection]
Rows = list[tuple[Any, ...]]
# Runs one statement.
Run = Callable[[str], Rows]


@dataclass(frozen=True)
class Emulator:
    """A running emulator: its port, the certificates to trust and a PEM key for the login."""

    port: int
    certificates: Path
    private_key: str

    @cached_property
    def _key(self) -> Any:
        return serialization.load_pem_private_key(self.private_key.encode(), None)

    def connect(self, **options: object) -> SnowflakeConnection:
        settings = {
            "user": "PROVISIONER",
            "role": "ACCOUNTADMIN",
            "warehouse": "LOADING",
            **options,
        }
        return snowflake.connector.connect(
            account="laptop",
            host=HOST,
            port=self.port,
            authenticator="SNOWFLAKE_JWT",
            private_key=self._key,
            network_timeout=60,
            **settings,
        )

    def get(self, path: str) -> Any:
        return self._request(path, None)

    def post(self, path: str, body: object) -> Any:
        return self._request(path, json.dumps(body).encode())

    def _request(self, path: str, body: bytes | None) -> Any:
        context = ssl.create_default_context(cafile=str(self.certificates / "ca.pem"))
        url = f"https://{HOST}:{self.port}{path}"
        with urlopen(url, body, context=context) as answer:
            return json.load(answer)
