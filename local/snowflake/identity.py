"""Who logs in, and what for."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Identity:
    """Who a session is and what it uses; names are upper-case, empty when unset."""

    user: str = ""
    role: str = ""
    warehouse: str = ""
    account: str = ""


@dataclass
class Login:
    """What a client asks for when it logs in; `parameters` are session parameters by name."""

    identity: Identity
    database: str | None = None
    schema: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
