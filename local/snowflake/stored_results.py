"""Results that Snowflake still stores: the same statement, of tables that have not changed.

Only that a result is stored is known here, because such a statement needs no warehouse. The
emulator runs it again.
https://docs.snowflake.com/en/user-guide/querying-persisted-results
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Protocol

import duckdb
from sqlglot import Expr, exp, parse_one
from sqlglot.errors import ParseError

from local.snowflake.parameters import Parameters
from local.snowflake.sql import Name, full_name

# A statement's text and all else that its result depends on; empty if its result is not stored.
Key = tuple[object, ...]
MAX_RESULTS = 5000
MAX_VIEWS = 200
STORED_SECONDS = 24 * 60 * 60
# Evaluated each time; CURRENT_DATE is not among them.
# https://docs.snowflake.com/en/user-guide/querying-persisted-results
_EACH_TIME = re.compile(
    r"\b(CURRENT_TIME(STAMP)?|LOCALTIME(STAMP)?|GETDATE|SYSDATE|SYSTIMESTAMP|UUID_STRING|RANDOM|"
    r"RANDSTR|NORMAL|UNIFORM|ZIPF|SEQ[1248]|NEXTVAL|LAST_QUERY_ID|RESULT_SCAN|QUERY_HISTORY|"
    r"INFORMATION_SCHEMA|ACCOUNT_USAGE)\b|@",
    re.IGNORECASE,
)
# Views in views, at most.
_DEPTH = 20


class Session(Protocol):
    """What a result depends on besides its statement: the account's `Session` has it."""

    connection: duckdb.DuckDBPyConnection
    parameters: Parameters
    database: str | None
    schema: str | None


@dataclass(frozen=True)
class _Stored:
    at: float
    change: int


class StoredResults:
    """The statements whose results are stored.

    Attributes:
        change: The number of the newest change of a table.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._lock = Lock()
        self.change = 0
        self._changed: dict[Name, int] = {}
        self._results: dict[Key, _Stored] = {}

    def changed(self, tables: Iterable[Name]) -> None:
        """Results of these tables are no longer valid."""
        with self._lock:
            self.change += 1
            self._changed.update(dict.fromkeys(tables, self.change))

    def answers(self, session: Session, expression: Expr, key: Key) -> bool:
        """True if the statement's result is stored and still valid."""
        stored = self._results.get(key)
        if stored is None or self._now() - stored.at > STORED_SECONDS:
            return False
        tables = _tables(expression, session, session.database, session.schema)
        return tables is not None and all(
            self._changed.get(table, 0) <= stored.change for table in tables
        )

    def use_again(self, key: Key) -> None:
        """Store a result for another day, because it was used."""
        with self._lock:
            if stored := self._results.get(key):
                self._results[key] = replace(stored, at=self._now())

    def store(self, key: Key, change: int) -> None:
        """Store a statement's result.

        Args:
            key: Its `result_key`; nothing is stored if it is empty.
            change: The newest change before the statement ran.
        """
        if not key:
            return
        with self._lock:
            self._results.pop(key, None)
            self._results[key] = _Stored(self._now(), change)
            while len(self._results) > MAX_RESULTS:
                self._results.pop(next(iter(self._results)))


def result_key(session: Session, sql: str, params: object, expression: Expr) -> Key:
    """The key of a statement's result; empty if the result is not stored.

    The role is no part of it: whoever may read the tables may use the result.
    """
    parameters = {**session.parameters.items(), "QUERY_TAG": ""}
    if not isinstance(expression, exp.Query) or _EACH_TIME.search(sql):
        return ()
    if str(parameters.get("USE_CACHED_RESULT", "")).upper() == "FALSE":
        return ()
    settings = tuple(sorted((name, str(value)) for name, value in parameters.items()))
    return (sql.strip(), repr(params), session.database, session.schema, settings)


def _tables(
    expression: Expr, session: Session, database: str | None, schema: str | None, depth: int = 0
) -> set[Name] | None:
    """The tables and views that a query reads, its views' too; `None` if they are not known."""
    ctes = {one.alias_or_name.upper() for one in expression.find_all(exp.CTE)}
    found: set[Name] = set()
    for table in expression.find_all(exp.Table):
        if not table.db and table.name.upper() in ctes:
            continue
        name = full_name(table, database, schema)
        found.add(name)
        if (text := _view(session, name)) is None:
            continue
        if _EACH_TIME.search(text) or depth > _DEPTH:
            return None
        if (query := _query_of_view(text)) is None:
            return None
        inner = _tables(query, session, name[0], name[1], depth + 1)
        if inner is None:
            return None
        found |= inner
    return found


@lru_cache(maxsize=MAX_VIEWS)
def _query_of_view(sql: str) -> Expr | None:
    """The query in a view's definition; `None` if it cannot be parsed. Do not change the tree."""
    try:
        query: Expr = parse_one(sql, dialect="duckdb").expression
    except ParseError:
        return None
    return query


def _view(session: Session, name: Name) -> str | None:
    row = session.connection.execute(
        "SELECT sql FROM duckdb_views() WHERE database_name = ? AND schema_name = ?"
        " AND view_name = ?",
        list(name),
    ).fetchone()
    return str(row[0]) if row else None
