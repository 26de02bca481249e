"""A running emulator as its tests see it: sessions of the stock connector, and plain requests."""

import json
import ssl
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import snowflake.connector
from cryptography.hazmat.primitives import serialization

from local.ports import HOST

# A container that no other test looks into.
CONTAINER = "unloads"


@dataclass(frozen=True)
class Emulator:
    """A running emulator: where it listens, whom to trust, and a PEM key to log in with."""

    port: int
    certificates: Path
    private_key: str

    @cached_property
    def _key(self) -> Any:
        return serialization.load_pem_private_key(self.private_key.encode(), None)

    def connect(self, **options: Any) -> Any:
        settings = {"user": "loader", "role": "LOADER", "warehouse": "LOADING", **options}
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
        context = ssl.create_default_context(cafile=str(self.certificates / "ca.pem"))
        with urlopen(f"https://{HOST}:{self.port}{path}", context=context) as answer:
            return json.load(answer)
