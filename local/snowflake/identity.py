"""A session's identity, and a client's request to log in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.snowflake.parameters import Value


@dataclass
class Identity:
    """The user and role of a session, and the warehouse that it uses.

    Names are upper case, and empty when unset.
    """

    user: str = ""
    role: str = ""
    warehouse: str = ""
    account: str = ""


@dataclass
class Login:
    """A client's request to log in; `parameters` are session parameters by name."""

    identity: Identity
    database: str | None = None
    schema: str | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict)
