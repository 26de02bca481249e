"""The stored state of each connector, in a file that survives a restart."""

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict, Unpack

from include.times import utc_now
from local.fivetran.connectors import UNPACKED

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class RecordsError(ValueError):
    """The state file was not written by this server."""


@dataclass(frozen=True)
class Record:
    """One connector's stored state; times are ISO 8601 in UTC with six decimals, as Fivetran's.

    Attributes:
        created_at: When the connector was set up.
        succeeded_at: The end of the last sync that succeeded.
        failed_at: The end of the last sync that failed.
        rescheduled_for: When a rescheduled sync is due; `None` once another one is started.
        paused: Whether somebody has paused it. A connector that somebody set up is not paused.
        schedule_type: `auto` or `manual`. The account starts no sync by itself in either case.
        sync_frequency: Minutes between automatic syncs.
        is_historical_sync: Whether the next sync counts every row as new.
        sync_mode: DynamoDB's pack mode. Fivetran's default is `PACKED`; docs/deploy.md has people
            choose `UNPACKED`.
    """

    created_at: str
    succeeded_at: str | None = None
    failed_at: str | None = None
    rescheduled_for: str | None = None
    paused: bool = False
    schedule_type: str = "auto"
    sync_frequency: int = 360
    is_historical_sync: bool = True
    sync_mode: str = UNPACKED


class RecordUpdate(TypedDict, total=False):
    """New values of some of a `Record`'s fields."""

    succeeded_at: str
    failed_at: str
    rescheduled_for: str | None
    paused: bool
    schedule_type: str
    sync_frequency: int
    is_historical_sync: bool
    sync_mode: str


class Records:
    """The records of all connectors; every change is on disk when its call returns.

    Args:
        file: The state file; created if missing.
        connector_ids: The ids of the connectors.

    Raises:
        RecordsError: The file is malformed.
    """

    def __init__(self, file: Path, connector_ids: Iterable[str]) -> None:
        self._file = file
        self._lock = threading.Lock()
        stored = _read(file)
        new = Record(created_at=format_time(utc_now()))
        self._records = {id_: stored.get(id_, new) for id_ in connector_ids}
        self._write()

    def __getitem__(self, connector_id: str) -> Record:
        return self._records[connector_id]

    def update(self, connector_id: str, **values: Unpack[RecordUpdate]) -> None:
        """Set fields of a connector's record."""
        with self._lock:
            self._records[connector_id] = replace(self._records[connector_id], **values)
            self._write()

    def end_time(self, connector_id: str) -> str:
        """The time for a sync that ends now, later than every end before it.

        The sensor waits for an end strictly later than the last one. If the clock were set back, it
        would wait forever.
        """
        record = self._records[connector_id]
        ends = [parse_time(end) for end in (record.succeeded_at, record.failed_at) if end]
        later = [end + timedelta(microseconds=1) for end in ends]
        return format_time(max([utc_now(), *later]))

    def _write(self) -> None:
        text = json.dumps({name: asdict(record) for name, record in self._records.items()})
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_name(f".{self._file.name}.partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(self._file)


def format_time(moment: datetime) -> str:
    """Format a time as Fivetran does, for example `2025-03-01T10:00:00.000000Z`."""
    return moment.astimezone(UTC).strftime(_TIME_FORMAT)


def parse_time(text: str) -> datetime:
    """Parse a time that `format_time` wrote."""
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)


def _read(file: Path) -> dict[str, Record]:
    if not file.exists():
        return {}
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        return {name: Record(**fields) for name, fields in stored.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise RecordsError(f"{file} is not a state file of this server: {error}") from None
