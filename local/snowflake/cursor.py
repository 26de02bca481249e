"""How a statement is run: what Snowflake promises around fakesnow's own execution."""

from __future__ import annotations

from typing import Any

from fakesnow.cursor import FakeSnowflakeCursor

from local.snowflake.session import Session


class Cursor(FakeSnowflakeCursor):  # type: ignore[misc]  # fakesnow carries no types
    """fakesnow's cursor with one statement at a time to a session."""

    _conn: Session

    def execute(self, command: str, params: Any = None, *args: Any, **kwargs: Any) -> Cursor:  # noqa: ANN401
        """Run one statement.

        Raises:
            ProgrammingError: With Snowflake's kind of message, for whatever goes wrong.
        """
        session = self._conn
        with (
            session.lock,
            session.account.history.record(
                session=session.number,
                user=session.identity.user,
                role=session.identity.role,
                warehouse=session.identity.warehouse,
                query_tag=str(session.parameters.get("QUERY_TAG", "")),
                sql=command,
            ),
        ):
            super().execute(command, params, *args, **kwargs)
        return self
