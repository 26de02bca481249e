"""One client's session: its connection, identity, parameters and transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any

from fakesnow.conn import FakeSnowflakeConnection

if TYPE_CHECKING:
    from local.snowflake.account import Account

_numbers = count(1)


@dataclass
class Identity:
    """Who a session is and what it uses; names are upper-case, empty when unset."""

    user: str = ""
    role: str = ""
    warehouse: str = ""
    account: str = ""


@dataclass
class Login:
    """What a client asks for when it logs in.

    Attributes:
        parameters: Session parameters by upper-case name.
    """

    identity: Identity
    database: str | None = None
    schema: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)


class Session(FakeSnowflakeConnection):  # type: ignore[misc]  # fakesnow carries no types
    """fakesnow's connection, with what Snowflake knows of a session besides.

    A client may use one session from several threads: `lock` lets one statement run at a time.

    Attributes:
        account: What all sessions share.
        number: Counts up from 1; names the session in the history.
        last_active: When its last statement began or ended, in seconds of the monotonic clock.
    """

    def __init__(self, account: Account, login: Login) -> None:
        super().__init__(
            account.engine.connect(),
            account.results,
            login.database,
            login.schema,
            create_database=False,
            create_schema=False,
            db_path=account.engine.folder,
        )
        self.account = account
        self.identity = login.identity
        self.parameters = login.parameters
        self.number = next(_numbers)
        self.lock = RLock()
        self.last_active = monotonic()

    def cursor(self, *_: object) -> Any:  # noqa: ANN401
        """A cursor of ours, which fakesnow's server uses as one of its own."""
        from local.snowflake.cursor import Cursor  # noqa: PLC0415

        return Cursor(conn=self, duck_conn=self._duck_conn)

    def close(self, retry: bool = True) -> None:
        """Roll back what is open and let go of the connection."""
        with self.lock:
            if not self._is_closed:
                super().close(retry)
