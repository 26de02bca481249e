"""What all sessions of the emulated account share."""

from __future__ import annotations

import secrets
from threading import RLock
from time import monotonic

from fakesnow.server import sessions

from local.snowflake import fakesnow_patches
from local.snowflake.blobs import BlobStore
from local.snowflake.engine import Engine
from local.snowflake.history import History
from local.snowflake.identity import Login
from local.snowflake.locks import TableLocks
from local.snowflake.results import BoundedResults
from local.snowflake.session import Session

# Snowflake ends a session that has been idle for four hours.
# https://docs.snowflake.com/en/user-guide/session-policies
IDLE_SECONDS = 4 * 60 * 60


class Account:
    """The databases, the sessions and what was asked of them."""

    def __init__(self, engine: Engine, blobs: BlobStore) -> None:
        fakesnow_patches.apply()
        self.engine = engine
        self.blobs = blobs
        self.locks = TableLocks()
        # Definitions run one at a time: DuckDB lets concurrent ones fail.
        self.catalog = RLock()
        self.results = BoundedResults()
        self.history = History()
        # fakesnow's server looks a token up here.
        self.sessions: dict[str, Session] = sessions

    def log_in(self, login: Login) -> tuple[str, Session]:
        """Open a session; the token is what its requests carry."""
        self._end_idle_sessions()
        token = secrets.token_urlsafe(32)
        session = self.sessions[token] = Session(self, login)
        return token, session

    def log_out(self, token: str) -> None:
        """End a session; unknown tokens are ignored, as a client may log out twice."""
        if session := self.sessions.pop(token, None):
            session.close()

    def roll_back_all_but(self, session: Session) -> None:
        """Roll back what the other sessions left open.

        DuckDB keeps a dropped database's file as long as any transaction could look at it. In
        Snowflake only those that used the database would fail.
        """
        for other in list(self.sessions.values()):
            if other is not session and other.transaction.begun:
                other.abandon()

    def close(self) -> None:
        """End every session and write the databases to their files."""
        for token in list(self.sessions):
            self.log_out(token)
        self.engine.close()

    def _end_idle_sessions(self) -> None:
        for token, session in list(self.sessions.items()):
            if monotonic() - session.last_active > IDLE_SECONDS:
                self.log_out(token)
