"""Sessions of the account's users, through the Airflow connections that production uses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from include import connections, warehouse
from include.query_tags import ALL_SOURCES, query_tag
from tools.acceptance.outcomes import NotPermittedError
from tools.acceptance.recording import Before, RecordedConnection, send

# Each role's connection. Airflow itself has the first three; the others exist for this tool only.
CONNECTIONS: Final = {
    "LOADER": connections.LOADER,
    "TRANSFORMER": connections.TRANSFORMER,
    "REPORTER": connections.REPORTER,
    "FIVETRAN": "snowflake_fivetran",
    "DASHBOARD": "snowflake_dashboard",
    "READER": "snowflake_reader",
}
# Of a role that may read SNOWFLAKE.ACCOUNT_USAGE, for `--credits`.
AUDITOR: Final = "AUDITOR"
ROLES: Final = tuple(CONNECTIONS)
# Terraform's user of each role; READER is for people, who have users of their own.
USERS: Final = {
    "LOADER": "AIRFLOW_LOADER",
    "TRANSFORMER": "AIRFLOW_TRANSFORMER",
    "REPORTER": "AIRFLOW_REPORTER",
    "FIVETRAN": "FIVETRAN",
    "DASHBOARD": "DASHBOARD",
}
# The default warehouse of each role's user.
WAREHOUSES: Final[dict[str, warehouse.Compute]] = {
    "LOADER": "LOADING",
    "TRANSFORMER": "TRANSFORMING",
    "REPORTER": "TRANSFORMING",
    "FIVETRAN": "LOADING",
    "DASHBOARD": "REPORTING",
    "READER": "REPORTING",
}


def full_role(role: str) -> str:
    """A functional role's name in this environment, for example `LOADER_DDRC_DEV`."""
    return f"{role}_DDRC_{warehouse.environment()}"


def variable_of(connection: str) -> str:
    """The environment variable that holds an Airflow connection."""
    return f"AIRFLOW_CONN_{connection.upper()}"


@dataclass
class Account:
    """The account under test.

    Attributes:
        dag: The DAG in the query tags of all statements.
        queries: The query ids since the running check began.
        sessions: The numbers of the sessions that were opened.
    """

    dag: str
    queries: list[str] = field(default_factory=list)
    sessions: list[int] = field(default_factory=list)
    _open: dict[str, RecordedConnection] = field(default_factory=dict)

    def may_log_in(self, role: str) -> bool:
        """True if there is a connection for a role."""
        return bool(os.environ.get(variable_of(_connection(role))))

    def connect(
        self,
        role: str,
        *,
        compute: warehouse.Compute | None = None,
        before: Before = send,
        **parameters: str,
    ) -> RecordedConnection:
        """Open a session of a role's user.

        Args:
            role: A key of `CONNECTIONS`, or `AUDITOR`.
            compute: The warehouse; by default the connection's own.
            before: Called with each statement before it is sent.
            parameters: Session parameters.

        Raises:
            NotPermittedError: There is no connection for the role.
            snowflake.connector.errors.Error: The login is refused.
        """
        connection = _connection(role)
        if not self.may_log_in(role):
            raise NotPermittedError(
                f"There is no login for {role}: set {variable_of(connection)}, as"
                " docs/acceptance.md says."
            )
        from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook

        hook = SnowflakeHook(
            snowflake_conn_id=connection,
            warehouse=compute and warehouse.compute(compute),
            session_parameters={"QUERY_TAG": query_tag(self.dag, ALL_SOURCES), **parameters},
        )
        opened = hook.get_conn()
        self.sessions.append(opened.session_id)
        return RecordedConnection(opened, self.queries.append, before)

    def run(self, role: str, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement as a role; its rows. The role's session stays open.

        Raises:
            NotPermittedError: There is no connection for the role.
            snowflake.connector.errors.Error: The login or the statement is refused.
        """
        if role not in self._open:
            self._open[role] = self.connect(role)
        with closing(self._open[role].cursor()) as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(sql, values or None).fetchall()
        return rows

    def table(self, role: str, sql: str) -> list[dict[str, Any]]:
        """Run one statement as a role; its rows by column, in lower case."""
        if role not in self._open:
            self._open[role] = self.connect(role)
        with closing(self._open[role].cursor()) as cursor:
            rows = cursor.execute(sql).fetchall()
            names = [str(column[0]).lower() for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in rows]

    def close(self) -> None:
        """Close every session that stayed open."""
        for connection in self._open.values():
            with suppress(Exception):
                connection.close()
        self._open.clear()


def _connection(role: str) -> str:
    return CONNECTIONS.get(role, f"snowflake_{role.lower()}")
