"""A warehouse in this process: it records each statement and answers what a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Self

from include.loaders import LoadReport

PACIFIC = datetime.fromisoformat("2025-08-22T01:00:00-07:00")
REPORT = LoadReport(
    source="epa",
    table="RAW.S.T",
    load_id="run 1",
    rows=3,
    bytes=40,
    requests=5,
    seconds=6.5,
    read_seconds=2.5,
    source_edited_at=None,
    loaded_at=PACIFIC,
    content_hash="abc",
    outcome="loaded",
    reason="why",
    notes=("one", "two"),
)
# As the warehouse keeps it: in UTC without a zone.
LOADED_AT = datetime(2025, 8, 22, 8, tzinfo=UTC).replace(tzinfo=None)

# What a statement brings: rows, or the error that it raises.
Answer = list[Any] | Exception


class RecordedWarehouse:
    """The statements of all sessions, in order, with their values.

    Attributes:
        statements: The statements, with their spaces as one.
        values: What was bound to each of them; `None` if nothing was.
        streams: The bytes of each file that was uploaded.
        log: What happened to the sessions: `login`, `close`.
        refusal: Raised by every login, if a test sets it.
        farewell: Raised when a session is closed, if a test sets it.
    """

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.values: list[Any] = []
        self.streams: list[bytes] = []
        self.log: list[str] = []
        self.refusal: Exception | None = None
        self.farewell: Exception | None = None
        self._answers: list[tuple[str, Answer]] = []
        self._rows: list[Any] = []

    def answer(self, part: str, answer: Answer) -> None:
        """Answer the statements that contain `part`; the last such answer counts."""
        self._answers.insert(0, (part, answer))

    @contextmanager
    def connect(self) -> Iterator[Self]:
        """Log in, as the connector does."""
        self.log.append("login")
        if self.refusal is not None:
            raise self.refusal
        yield self
        self.log.append("close")
        if self.farewell is not None:
            raise self.farewell

    def cursor(self) -> Self:
        return self

    def execute(self, sql: str, values: Any = None, file_stream: Any = None) -> Self:
        """Record a statement."""
        self.statements.append(" ".join(sql.split()))
        self.values.append(values)
        if file_stream is not None:
            self.streams.append(file_stream.read())
        self._rows = []
        for part, answer in self._answers:
            if part in sql:
                if isinstance(answer, Exception):
                    raise answer
                self._rows = answer
                break
        return self

    def fetchall(self) -> list[Any]:
        return self._rows

    def beginning(self, *words: str) -> list[str]:
        """The statements that begin with one of these words."""
        return [sql for sql in self.statements if sql.startswith(words)]


def without_tokens(statements: list[str]) -> list[str]:
    """Statements with the random part of temporary names as `TOKEN`."""
    return [_without_token(sql) for sql in statements]


def _without_token(sql: str) -> str:
    for prefix in ("LOAD_STAGE_", "LOAD_COPY_"):
        before, *rest = sql.split(prefix)
        sql = before + "".join(f"{prefix}TOKEN{part[16:]}" for part in rest)
    return sql
