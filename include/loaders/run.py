"""One load from beginning to end: read, replace, record, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

import pyarrow as pa

from include.loaders.columns import load_columns
from include.loaders.errors import LoadError, TransientError
from include.loaders.http_client import Client
from include.loaders.options import LoadOptions, Origin
from include.loaders.parquet import ParquetSink
from include.loaders.raw import RawLoad, load_log, replace_table
from include.loaders.raw.session import Connect, Session
from include.loaders.report import LoadReport, Outcome

Read = Callable[["Run", Client], tuple[str, ...]]


class Run:
    """The state of one load.

    Attributes:
        sink: Where the rows go before they go to the warehouse: files that vanish with the
            process, however it ends.
    """

    def __init__(
        self,
        load: RawLoad,
        connect: Connect,
        origin: Origin,
        options: LoadOptions,
    ) -> None:
        self.sink = ParquetSink(TemporaryFile)
        self._load = load
        self._session = Session(load.source, connect)
        self._origin = origin
        self._options = options
        self._began = options.monotonic()
        self._reading_since = self._read_until = self._began
        self._loaded_at = options.now()
        self._edited_at: datetime | None = None
        self._client: Client | None = None
        self._schema: Any = None

    def begin(self, schema: Any, edited_at: datetime | None) -> None:
        """Begin to take rows of an Arrow schema; what was taken before does not count.

        Args:
            schema: The raw table's columns, without those that every load adds.
            edited_at: The source's declared last edit, in UTC.
        """
        self._edited_at = edited_at
        ours = load_columns(self._loaded_at, edited_at, self._load.load_id)
        self.sink.begin(schema, ours)
        self._schema = schema
        for name, value in ours.items():
            self._schema = self._schema.append(pa.field(name, value.type))

    def execute(self, read: Read) -> LoadReport:
        """Read the source into the sink with `read`, then replace the raw table.

        A source that has not changed is read as critically as any, and then left alone: the
        warehouse is not even logged in to.

        Raises:
            LoadError: The load did not go through; the load log says so too.
        """
        try:
            self._reading_since = self._read_until = self._options.monotonic()
            with Client(self._load.source, self._origin, self._options) as self._client:
                notes = (*self._client.notes, *read(self, self._client))
            self.sink.finish()
            self._read_until = self._options.monotonic()
            if self._is_unchanged():
                return self._report("unchanged", "", notes)
            load_log.prepare(self._session, self._load.database)
            return replace_table(
                self._session,
                self._load,
                schema=self._schema,
                parts=self.sink.parts,
                rows=self.sink.rows,
                report=lambda drop, more: self._report("loaded", drop, (*notes, *more)),
            )
        except Exception as error:
            self._record_failure(error)
            raise
        finally:
            self.sink.discard()
            self._session.close()

    def _is_unchanged(self) -> bool:
        """Whether the table holds these rows. A declared edit is news: it is the metrics' time."""
        return (
            self._edited_at is None
            and self.sink.content_hash == self._options.known_hash
            # Too few rows are never in order, however often they come.
            and self.sink.rows >= self._load.expects.rows
        )

    def _record_failure(self, error: Exception) -> None:
        passing = isinstance(error, TransientError)
        outcome: Outcome = "transient failure" if passing else "permanent failure"
        reason = str(error) if isinstance(error, LoadError) else f"{type(error).__name__}: {error}"
        # The failure itself is what the caller must see, even where the warehouse is out of reach.
        with suppress(Exception):
            load_log.prepare(self._session, self._load.database)
            load_log.record(
                self._session, self._load.database, self._report(outcome, reason, (), failed=True)
            )

    def _report(
        self, outcome: Outcome, reason: str, notes: tuple[str, ...], *, failed: bool = False
    ) -> LoadReport:
        return LoadReport(
            source=self._load.source,
            table=self._load.name,
            load_id=self._load.load_id,
            rows=0 if failed else self.sink.rows,
            bytes=self._client.bytes if self._client else 0,
            requests=self._client.requests if self._client else 0,
            seconds=round(self._options.monotonic() - self._began, 3),
            read_seconds=round(self._read_until - self._reading_since, 3),
            source_edited_at=self._edited_at,
            loaded_at=self._loaded_at,
            content_hash="" if failed else self.sink.content_hash,
            outcome=outcome,
            reason=reason,
            notes=notes,
        )
