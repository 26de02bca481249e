"""The emulated account and its sessions.

A session has its own connection, identity, parameters and transaction; the account holds what all
sessions share.
"""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager, suppress
from itertools import count
from threading import RLock
from time import monotonic

import duckdb
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.server import sessions
from sqlglot import exp

from local.snowflake import grants, stages
from local.snowflake.blobs import BlobStore
from local.snowflake.classify import Effect, Kind
from local.snowflake.described import Descriptions
from local.snowflake.engine import Engine
from local.snowflake.history import History, Statement
from local.snowflake.identity import Login
from local.snowflake.locks import TableLocks
from local.snowflake.login_errors import INVALID_TOKEN, NOT_GRANTED, UNKNOWN_ROLE, LoginError
from local.snowflake.owners import Owners
from local.snowflake.parameters import Parameters
from local.snowflake.results import BoundedResults
from local.snowflake.sql import Name, full_name, quoted
from local.snowflake.stages import SessionStages
from local.snowflake.stored_results import StoredResults
from local.snowflake.transactions import Transaction
from local.snowflake.warehouses import Warehouses

# Snowflake ends a session that has been idle for four hours.
# https://docs.snowflake.com/en/user-guide/session-policies
IDLE_SECONDS = 4 * 60 * 60

_numbers = count(1)


class Session(FakeSnowflakeConnection):  # type: ignore[misc]  # fakesnow carries no types
    """fakesnow's connection, with the rest of a Snowflake session.

    A client may use one session from several threads: `lock` lets one statement run at a time.

    Attributes:
        account: The account, which all sessions share.
        number: Counts up from 1; names the session in the history.
        last_active: When its last statement began or ended, in seconds of the monotonic clock.
        temporaries: The temporary tables and views that it has to drop, with their kinds.
        uncommitted: The tables that its open transaction has changed.
        own: The temporary objects that it has created: their kinds and full names.
    """

    database: str | None
    schema: str | None
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
        own = account.user_parameters.get(login.identity.user, {})
        self.parameters = Parameters(self.connection, {**own, **login.parameters})
        self.stages = SessionStages(self.number, login.identity.user)
        self.temporaries: dict[Name, str] = {}
        self.uncommitted: set[Name] = set()
        self.own: set[tuple[str, tuple[str, ...]]] = set()
        self.transaction = Transaction(self, self.connection, account.locks, account.catalog)
        self.transaction.autocommit = bool(self.parameters.get("AUTOCOMMIT"))
        if self.database_set and not self.schema_set and login.database:
            self.use(login.database, "PUBLIC")

    def cursor(self, *_: object) -> FakeSnowflakeCursor:
        """A cursor of the emulator's class, which fakesnow's server uses as its own."""
        return self.account.cursor_class(conn=self, duck_conn=self.connection)

    def record(self, sql: str) -> AbstractContextManager[Statement]:
        """Record a statement in the account's history while it runs and after."""
        return self.account.history.record(
            Statement(
                session=self.number,
                user=self.identity.user,
                role=self.identity.role,
                warehouse=self.identity.warehouse,
                database=self.database or "",
                query_tag=str(self.parameters.get("QUERY_TAG")),
                sql=sql,
            )
        )

    def record_change(self, effect: Effect) -> None:
        """Stored results of the changed tables end now, and again when the change is committed."""
        self.uncommitted |= effect.tables
        if self.uncommitted and effect.kind is not Kind.ROLLBACK:
            self.account.stored_results.changed(self.uncommitted)
        if not self.transaction.open:
            self.uncommitted.clear()

    def full_name(self, table: exp.Table) -> Name:
        """The full name of a table that a statement of this session names."""
        return full_name(table, self.database, self.schema)

    def alter(self, clauses: str) -> None:
        """Run `ALTER SESSION`; a changed AUTOCOMMIT commits the open transaction."""
        self.parameters.alter(clauses)
        autocommit = bool(self.parameters.get("AUTOCOMMIT"))
        if autocommit is not self.transaction.autocommit:
            self.transaction.commit()
            self.transaction.autocommit = autocommit

    def use(self, database: str, schema: str) -> None:
        """Make a database current, and its schema if there is one of this name."""
        found = self.connection.execute(
            "SELECT 1 FROM duckdb_schemas() WHERE database_name = ? AND schema_name = ?",
            [database, schema],
        ).fetchone()
        self.connection.execute(f"SET schema='{database}.{schema if found else 'main'}'")
        self.database = database
        self.database_set = True
        self._set_schema(schema if found else None)

    def leave(self, database: str) -> None:
        """Have no current database any more, if it is this one."""
        if self.database == database:
            self.connection.execute("SET schema='memory.main'")
            self.database = None
            self.database_set = False
            self._set_schema(None)

    def abandon(self) -> bool:
        """Roll back an idle transaction; false if a statement of the session is running."""
        if not self.lock.acquire(blocking=False):
            return False
        try:
            self.transaction.rollback()
        finally:
            self.lock.release()
        return True

    def close(self, retry: bool = True) -> None:
        """Roll back, drop the session's temporary objects and stages, and close its connection."""
        with self.lock:
            if self._is_closed:
                return
            self.transaction.rollback()
            with self.account.catalog:
                self._drop_temporaries()
                for name in self.stages.names():
                    stages.forget(self.connection, name)
            super().close(retry)

    def _set_schema(self, schema: str | None) -> None:
        self._schema = schema
        self.schema_set = schema is not None

    def _drop_temporaries(self) -> None:
        for name, kind in self.temporaries.items():
            # Its database may have been dropped, or its name given to another kind of object.
            with suppress(duckdb.CatalogException):
                self.connection.execute(f"DROP {kind} IF EXISTS {quoted(*name)}")


class Account:
    """The databases, the sessions and the history of their statements.

    Attributes:
        cursor_class: The class of a session's cursors, which run its statements.
        grants: The users, the roles and their privileges.
        owners: The roles that own the databases and what they contain.
        described: The owners and comments of objects that SHOW lists.
        user_parameters: By user, the parameters that its sessions begin with.
        user_keys: By user, its public keys by property, as far as `ALTER USER` has set them.
        catalog: Held by a definition while it runs: DuckDB lets concurrent ones fail.
        sessions: By token; fakesnow's server finds a request's session here.
    """

    def __init__(
        self, engine: Engine, blobs: BlobStore, cursor_class: type[FakeSnowflakeCursor]
    ) -> None:
        self.engine = engine
        self.blobs = blobs
        self.cursor_class = cursor_class
        self.locks = TableLocks()
        self.catalog = RLock()
        self.results = BoundedResults()
        self.history = History()
        self.stored_results = StoredResults()
        self.warehouses = Warehouses(engine.folder / "warehouses.json")
        self.grants = grants.read()
        self.owners = Owners(engine.folder / "owners.json")
        self.described = Descriptions()
        self.user_parameters: dict[str, dict[str, str]] = {}
        self.user_keys: dict[str, dict[str, str]] = {}
        self.sessions: dict[str, Session] = sessions

    def log_in(self, login: Login) -> tuple[str, Session]:
        """Open a session; its requests carry the token.

        Raises:
            LoginError: The user is unknown, or may not use the role.
        """
        self._end_idle_sessions()
        identity = login.identity
        user = self.grants.users.get(identity.user)
        if user is None:
            raise LoginError(INVALID_TOKEN)
        identity.role = identity.role or user.default_role
        if not self.grants.may_use_role(identity.user, identity.role):
            known = identity.role in self.grants.parents
            raise LoginError(NOT_GRANTED if known else UNKNOWN_ROLE, identity.role)
        identity.warehouse = identity.warehouse or user.default_warehouse
        token = secrets.token_urlsafe(32)
        session = self.sessions[token] = Session(self, login)
        return token, session

    def log_out(self, token: str) -> None:
        """End a session; an unknown token is ignored, as a client may log out twice."""
        if session := self.sessions.pop(token, None):
            session.close()

    def roll_back_all_but(self, session: Session) -> None:
        """Roll back the open transactions of the other sessions.

        DuckDB keeps a dropped database's file for as long as any open transaction may read it. In
        Snowflake only the transactions that used the database would fail.
        """
        for other in list(self.sessions.values()):
            if other is not session and other.transaction.begun:
                other.abandon()

    def close(self) -> None:
        """End every session and write the databases to their files."""
        for token in list(self.sessions):
            self.log_out(token)
        self.warehouses.save()
        self.engine.close()

    def _end_idle_sessions(self) -> None:
        for token, session in list(self.sessions.items()):
            if monotonic() - session.last_active > IDLE_SECONDS:
                self.log_out(token)
