"""A running emulator as its tests see it: sessions of the stock connector, and plain requests."""

import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CONTAINER = "dashboard-data"


@dataclass(frozen=True)
class Emulator:
    """A running emulator: where it listens, whom to trust, and a key to log in with."""

    port: int
    certificates: Path
    private_key: bytes

    @property
    def private_key_der(self) -> bytes:
        key = serialization.load_pem_private_key(self.private_key, None)
        return key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def connect(self, **options: Any) -> Any:  # noqa: ANN401
        settings = {"user": "loader", "role": "LOADER", "warehouse": "LOADING", **options}
        return snowflake.connector.connect(
            account="laptop",
            host="127.0.0.1",
            port=self.port,
            authenticator="SNOWFLAKE_JWT",
            private_key=self.private_key_der,
            network_timeout=60,
            **settings,
        )

    def get(self, path: str) -> Any:  # noqa: ANN401
        context = ssl.create_default_context(cafile=str(self.certificates / "ca.pem"))
        with urlopen(f"https://127.0.0.1:{self.port}{path}", context=context) as answer:
            return json.load(answer)


def new_private_key() -> bytes:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
