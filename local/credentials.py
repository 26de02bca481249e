"""The dummy secrets of one laptop's cloud, generated at its first start."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Azurite's well-known account and key.
BLOB_ACCOUNT = "devstoreaccount1"
BLOB_DUMMY_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
SLACK_PATH = "/services/T000/B000/LOCALDUMMY"


@dataclass(frozen=True)
class Credentials:
    """The secrets of the laptop's connections and of its Airflow.

    `private_key` is a PKCS#8 PEM in base64, as Airflow's Snowflake connection takes it.
    """

    private_key: str
    fivetran_key: str
    fivetran_secret: str
    fernet_key: str
    jwt_secret: str

    @property
    def private_key_pem(self) -> str:
        """The Snowflake key as PEM text."""
        return base64.b64decode(self.private_key).decode()


def ensure_credentials(file: Path) -> Credentials:
    """The secrets in `file`, generated if it does not exist."""
    if file.exists():
        return Credentials(**json.loads(file.read_text()))
    made = Credentials(
        private_key=base64.b64encode(_private_key()).decode(),
        fivetran_key="local-dummy-key",
        fivetran_secret="local-dummy-secret",  # noqa: S106
        fernet_key=Fernet.generate_key().decode(),
        jwt_secret=secrets.token_urlsafe(48),
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(made)))
    return made


def private_key_der(encoded: str) -> bytes:
    """The private key as Snowflake's connector takes it: PKCS#8 DER.

    Args:
        encoded: The key as PEM in base64, as Airflow's Snowflake connection takes it.

    Raises:
        ValueError: The text is not such a key.
    """
    try:
        key = serialization.load_pem_private_key(base64.b64decode(encoded), password=None)
    except (ValueError, TypeError):
        raise ValueError("the text is not a PEM private key in base64") from None
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _private_key() -> bytes:
    # Production has RSA keys. A client checks their primes whenever it reads one: twice at each
    # login, 20 to 50 ms each time. The emulator accepts any key.
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
