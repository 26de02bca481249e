"""One client's session: its connection, identity, parameters and transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager
from itertools import count
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING

import duckdb
from fakesnow.conn import FakeSnowflakeConnection

from local.snowflake import stage_statements, tables
from local.snowflake.classify import Name
from local.snowflake.history import Statement
from local.snowflake.identity import Login
from local.snowflake.parameters import Parameters
from local.snowflake.stages import SessionStages
from local.snowflake.transactions import Transaction

if TYPE_CHECKING:
    from local.snowflake.account import Account
    from local.snowflake.cursor import Cursor

_numbers = count(1)


class Session(FakeSnowflakeConnection):  # type: ignore[misc]  # fakesnow carries no types
    """fakesnow's connection, with what Snowflake knows of a session besides.

    A client may use one session from several threads: `lock` lets one statement run at a time.

    Attributes:
        account: What all sessions share.
        number: Counts up from 1; names the session in the history.
        last_active: When its last statement began or ended, in seconds of the monotonic clock.
    """

    database: str | None
    _schema: str | None

    def __init__(self, account: Account, login: Login) -> None:
        self.connection: duckdb.DuckDBPyConnection = account.engine.connect()
        super().__init__(
            self.connection,
            account.results,
            login.database,
            login.schema,
            create_database=False,
            create_schema=False,
            db_path=account.engine.folder,
        )
        self.account = account
        self.identity = login.identity
        self.number = next(_numbers)
        self.lock = RLock()
        self.last_active = monotonic()
        self.parameters = Parameters(self.connection, login.parameters)
        self.stages = SessionStages(self.number, login.identity.user)
        self.temporaries: dict[Name, str] = {}
        self.transaction = Transaction(self, self.connection, account.locks, account.catalog)
        self.transaction.autocommit = bool(self.parameters.get("AUTOCOMMIT"))
        if self.database_set and not self.schema_set and login.database:
            self.use(login.database, "PUBLIC")

    def cursor(self, *_: object) -> Cursor:
        """A cursor of ours, which fakesnow's server uses as one of its own."""
        from local.snowflake.cursor import Cursor

        return Cursor(conn=self, duck_conn=self.connection)

    def recorded(self, sql: str) -> AbstractContextManager[Statement]:
        """Keep a statement in the account's history while it runs and after."""
        return self.account.history.record(
            session=self.number,
            user=self.identity.user,
            role=self.identity.role,
            warehouse=self.identity.warehouse,
            database=self.database or "",
            query_tag=str(self.parameters.get("QUERY_TAG")),
            sql=sql,
        )

    def alter(self, clauses: str) -> None:
        """Obey what follows `ALTER SESSION`; a changed AUTOCOMMIT commits what is open."""
        self.parameters.alter(clauses)
        autocommit = bool(self.parameters.get("AUTOCOMMIT"))
        if autocommit is not self.transaction.autocommit:
            self.transaction.commit()
            self.transaction.autocommit = autocommit

    def use(self, database: str, schema: str) -> None:
        """Make a database current, and its schema if there is one of this name."""
        there = self.connection.execute(
            "SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
            [database, schema],
        ).fetchone()
        self.connection.execute(f"SET schema='{database}.{schema if there else 'main'}'")
        self.database = database
        self.database_set = True
        self._set_schema(schema if there else None)

    def leave(self, database: str) -> None:
        """Have no current database any more, if it is this one."""
        if self.database == database:
            self.connection.execute("SET schema='memory.main'")
            self.database = None
            self.database_set = False
            self._set_schema(None)

    def _set_schema(self, schema: str | None) -> None:
        self._schema = schema
        self.schema_set = schema is not None

    def abandon(self) -> bool:
        """Roll back an idle transaction; false if a statement is running after all."""
        if not self.lock.acquire(blocking=False):
            return False
        try:
            self.transaction.rollback()
        finally:
            self.lock.release()
        return True

    def close(self, retry: bool = True) -> None:
        """Roll back what is open, drop temporary stages and let go of the connection."""
        with self.lock:
            if self._is_closed:
                return
            self.transaction.rollback()
            with self.account.catalog:
                tables.drop(self.connection, self.temporaries)
                for name in self.stages.names():
                    stage_statements.forget(self, name)
            super().close(retry)
