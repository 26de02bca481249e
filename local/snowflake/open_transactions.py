"""`SHOW TRANSACTIONS` and `SYSTEM$ABORT_TRANSACTION`: a user ends a transaction of its own.

A transaction outlives a client that was killed:
https://docs.snowflake.com/en/sql-reference/transactions#aborting-transactions
Its number here is that of its session.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from local.snowflake.account import Session
from local.snowflake.errors import compilation_error
from local.snowflake.grants import ACCOUNTADMIN
from local.snowflake.sql import escaped

_SHOW = re.compile(r"\s*SHOW\s+TRANSACTIONS\s*;?\s*$", re.IGNORECASE)
_ABORT = re.compile(
    r"\s*SELECT\s+SYSTEM\$ABORT_TRANSACTION\s*\(\s*(?P<id>\d+)\s*\)\s*;?\s*$", re.IGNORECASE
)
# https://docs.snowflake.com/en/sql-reference/sql/show-transactions
_EMPTY = (
    'SELECT 0::BIGINT AS "id", \'\' AS "user", 0::BIGINT AS "session", \'\' AS "name",'
    ' NULL::TIMESTAMPTZ AS "started_on", \'\' AS "state", 0 AS "scope" LIMIT 0'
)


def show_or_abort(session: Session, command: str) -> str | None:
    """Show the user's open transactions, or end one; `None` for any other statement.

    Raises:
        ProgrammingError: The transaction does not exist, or is another user's.
    """
    mine = [
        one
        for one in list(session.account.sessions.values())
        if one.transaction.open
        and (one.identity.user == session.identity.user or session.identity.role == ACCOUNTADMIN)
    ]
    if _SHOW.match(command):
        return " UNION ALL ".join(map(_row, mine)) or _EMPTY
    if (found := _ABORT.match(command)) is None:
        return None
    for one in mine:
        if one.number == int(found["id"]):
            one.abandon()
            return f"SELECT 'Aborted transaction id: {one.number}' AS \"SYSTEM$ABORT_TRANSACTION\""
    raise compilation_error(f"Transaction {found['id']} does not exist or not authorized.")


def _row(session: Session) -> str:
    return (
        f'SELECT {session.number}::BIGINT AS "id", \'{escaped(session.identity.user)}\' AS "user",'
        f' {session.number}::BIGINT AS "session", \'\' AS "name",'
        f" '{datetime.now(UTC).isoformat(sep=' ')}'::TIMESTAMPTZ AS \"started_on\","
        ' \'running\' AS "state", 0 AS "scope"'
    )
