"""Query history: the last few thousand statements of every session."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import count
from threading import Lock
from time import perf_counter

from local.snowflake.query_ids import current_query_id

MAX_STATEMENTS = 5000


@dataclass
class Statement:
    """One statement, as `GET /emulator/statements` returns it.

    Attributes:
        session: The session's number; not a credential.
        database: The session's current database, or an empty string.
        query_tag: The session's QUERY_TAG when the statement began.
        number: Counts up from 1 while the server runs; a gap means statements no longer stored.
        started_at: ISO 8601, UTC.
        status: `running`, `success` or `failed`.
        seconds: Its duration, waiting for locks included; 0 while it runs.
        error: The message that the client got, or an empty string.
        query_id: The id by which the client knows it.
        rows: The number of rows in its result, or of rows that it changed.
        used_warehouse: The warehouse that it ran on; empty if it needed none.
    """

    session: int
    user: str
    role: str
    warehouse: str
    database: str
    query_tag: str
    sql: str
    number: int = 0
    started_at: str = ""
    status: str = "running"
    seconds: float = 0.0
    error: str = ""
    query_id: str = field(default_factory=current_query_id)
    rows: int | None = None
    used_warehouse: str = ""


class History:
    """The newest statements of every session, in the order in which they began."""

    def __init__(self, max_statements: int = MAX_STATEMENTS) -> None:
        self._statements: deque[Statement] = deque(maxlen=max_statements)
        self._numbers = count(1)
        self._lock = Lock()

    @contextmanager
    def record(self, statement: Statement) -> Iterator[Statement]:
        """Record a statement while it runs and after; an exception marks it as failed."""
        with self._lock:
            statement.number = next(self._numbers)
            statement.started_at = datetime.now(UTC).isoformat()
            self._statements.append(statement)
        began = perf_counter()
        try:
            yield statement
            statement.status = "success"
        except BaseException as error:
            statement.status = "failed"
            statement.error = str(error)
            raise
        finally:
            statement.seconds = round(perf_counter() - began, 6)

    def ended(self) -> list[Statement]:
        """The statements that have ended, oldest first."""
        with self._lock:
            return [one for one in self._statements if one.status != "running"]

    def since(self, number: int = 0) -> list[dict[str, object]]:
        """The statements after the one with this number, oldest first."""
        with self._lock:
            return [asdict(one) for one in self._statements if one.number > number]
