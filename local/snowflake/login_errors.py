"""Refused logins, with the codes and texts that Snowflake's clients get.

https://docs.snowflake.com/en/user-guide/key-pair-auth-troubleshooting
"""

from uuid import uuid4

_ADVICE = (
    " Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC."
)
# Snowflake's logs have the reason under the id; the token of an unknown user is invalid too.
INVALID_TOKEN = ("390144", "JWT token is invalid. [{id}]")
NOT_GRANTED = (
    "390186", "Role '{role}' specified in the connect string is not granted to this user." + _ADVICE
)  # fmt: skip
UNKNOWN_ROLE = (
    "390189", "Role '{role}' specified in the connect string does not exist or not authorized."
    + _ADVICE,
)  # fmt: skip


class LoginError(Exception):
    """A refused login.

    Attributes:
        code: Snowflake's code.
        message: Its text.
    """

    def __init__(self, reason: tuple[str, str], role: str = "") -> None:
        self.code, text = reason
        self.message = text.format(role=role, id=uuid4())
        super().__init__(self.message)
