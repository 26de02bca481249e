"""What the warehouse was asked to do: the last few thousand statements."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import count
from threading import Lock
from time import perf_counter
from uuid import uuid4

KEPT = 5000


@dataclass
class Statement:
    """One statement, as `GET /emulator/statements` shows it.

    Attributes:
        number: Counts up from 1 for as long as the server runs; a gap means forgotten statements.
        started_at: ISO 8601, UTC.
        session: The session's number; no credential.
        database: The session's current database, or an empty string.
        query_tag: The session's QUERY_TAG when the statement began.
        status: `running`, `success` or `failed`.
        seconds: How long it took, waiting for locks included; 0 while it runs.
        error: The message that the client got, or an empty string.
        query_id: What the client knows the statement by.
        rows: How many rows its result had or it changed.
    """

    number: int
    started_at: str
    session: int
    user: str
    role: str
    warehouse: str
    database: str
    query_tag: str
    sql: str
    status: str = "running"
    seconds: float = 0.0
    error: str = ""
    query_id: str = field(default_factory=lambda: str(uuid4()))
    rows: int | None = None


class History:
    """The newest `kept` statements of every session, in the order in which they began."""

    def __init__(self, kept: int = KEPT) -> None:
        self._statements: deque[Statement] = deque(maxlen=kept)
        self._numbers = count(1)
        self._lock = Lock()

    @contextmanager
    def record(
        self,
        *,
        session: int,
        user: str,
        role: str,
        warehouse: str,
        database: str,
        query_tag: str,
        sql: str,
    ) -> Iterator[Statement]:
        """Keep a statement while it runs and after; an exception marks it as failed."""
        with self._lock:
            statement = Statement(
                number=next(self._numbers),
                started_at=datetime.now(UTC).isoformat(),
                session=session,
                user=user,
                role=role,
                warehouse=warehouse,
                database=database,
                query_tag=query_tag,
                sql=sql,
            )
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
