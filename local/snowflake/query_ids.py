"""The ids of statements, which every error carries, in Snowflake's form."""

import secrets
from contextvars import ContextVar

_CURRENT: ContextVar[str] = ContextVar("query_id")


def new_query_id() -> str:
    """An id like `01b0c11f-0f14-d76d-0000-000162a6e07d`, which no other statement has."""
    random = secrets.token_hex(13)
    return f"01{random[:6]}-{random[6:10]}-{random[10:14]}-0000-{random[14:]}"


def begin_statement() -> str:
    """Give a new id to the statement that this request runs."""
    query_id = new_query_id()
    _CURRENT.set(query_id)
    return query_id


def current_query_id() -> str:
    """The id of this request's statement."""
    return _CURRENT.get(None) or new_query_id()
