"""The emulated warehouse of a test session, and logins to it."""

import os
from dataclasses import dataclass
from typing import Any

import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.ports import HOST

# A raw database that no other test drops.
DATABASE = "RAW_OF_LOADER_TESTS"


@dataclass(frozen=True)
class Emulator:
    """A running emulator: its port and a key to log in with."""

    port: int
    private_key: bytes

    def connect(self) -> Any:
        """A session of the stock connector."""
        return snowflake.connector.connect(
            account="laptop",
            user="PROVISIONER",
            warehouse="LOADING_XS_DDRC_DEV",
            host=HOST,
            port=self.port,
            authenticator="SNOWFLAKE_JWT",
            private_key=serialization.load_pem_private_key(self.private_key, None),
        )


def new_private_key() -> bytes:
    """A key in PEM; the emulator accepts any key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def from_environment() -> Emulator:
    """The emulator that another process has started and named in this process's environment."""
    return Emulator(int(os.environ["EMULATOR_PORT"]), new_private_key())
