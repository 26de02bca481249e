"""The public keys of users: a key-pair login is signed with the private key of one of them.

`ALTER USER` sets them, as it does in a rotation. A user for whom none was set may log in with any
key: https://docs.snowflake.com/en/user-guide/key-pair-auth#configuring-key-pair-rotation
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Collection
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from jwt import InvalidTokenError, PyJWS

# Both are valid at the same time.
PROPERTIES = ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2")


def is_accepted(keys: Collection[str], token: str) -> bool:
    """True if a user with these keys may log in with a JSON Web Token.

    Args:
        keys: The user's public keys: DER in base64, on one line.
        token: The token; its user and times are checked elsewhere.
    """
    return not keys or any(_has_signed(key, token) for key in keys)


def _has_signed(key: str, token: str) -> bool:
    try:
        der = b64decode(key)
        public = load_der_public_key(der)
        if not isinstance(public, RSAPublicKey):
            return False
        claims = json.loads(PyJWS().decode(token, public, algorithms=["RS256"]))
    except (ValueError, InvalidTokenError):
        return False
    fingerprint = b64encode(sha256(der).digest()).decode()
    return bool(str(claims["iss"]).endswith(f".SHA256:{fingerprint}"))
