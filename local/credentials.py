"""The dummy secrets of one laptop's cloud: made at its first start, worth nothing elsewhere."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

# Azurite ships with this account and key for everyone; both are public knowledge.
BLOB_ACCOUNT = "devstoreaccount1"
BLOB_DUMMY_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
SLACK_PATH = "/services/T000/B000/LOCALDUMMY"


@dataclass(frozen=True)
class Credentials:
    """What the laptop's connections authenticate with.

    `private_key` is a PKCS#8 PEM in base64, as Airflow's Snowflake connection takes it.
    """

    private_key: str
    fivetran_key: str
    fivetran_secret: str
    fernet_key: str
    jwt_secret: str

    @property
    def private_key_pem(self) -> str:
        """The key as PEM text."""
        return base64.b64decode(self.private_key).decode()


def ensure_credentials(file: Path) -> Credentials:
    """The secrets in `file`, made now if it does not exist."""
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


def _private_key() -> bytes:
    # Production has RSA keys, whose primes a client checks whenever it reads one: at each login,
    # twice, 20 to 50 ms each time. The emulator takes any key.
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
