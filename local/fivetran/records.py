"""What Fivetran remembers of each connector, kept in a file so that a restart forgets nothing."""

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypedDict, Unpack

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class RecordsError(ValueError):
    """The state file does not hold what this server wrote."""


@dataclass(frozen=True)
class Record:
    """One connector's lasting state; times are ISO 8601 in UTC with six decimals, as Fivetran's.

    A connector that never synced is paused. `FivetranOperator` turns that on itself, and only
    then has a time to hand to the sensor: for a connector that never synced and is not paused
    it hands on None, which the sensor cannot parse (provider 2.4.0, `start_fivetran_sync`).
    """

    created_at: str
    succeeded_at: str | None = None
    failed_at: str | None = None
    paused: bool = True
    schedule_type: str = "auto"
    sync_frequency: int = 360
    is_historical_sync: bool = True


class Changes(TypedDict, total=False):
    """The fields of a `Record` that change."""

    succeeded_at: str
    failed_at: str
    paused: bool
    schedule_type: str
    sync_frequency: int
    is_historical_sync: bool


class Records:
    """The records of all connectors; every change is on disk when the call returns.

    Raises (at construction):
        RecordsError: the file exists and is malformed.
    """

    def __init__(self, file: Path, connector_ids: Iterable[str]) -> None:
        self._file = file
        self._lock = threading.Lock()
        kept = _read(file)
        now = format_time(datetime.now(UTC))
        self._records = {each: kept.get(each, Record(created_at=now)) for each in connector_ids}
        self._write()

    def __getitem__(self, connector_id: str) -> Record:
        return self._records[connector_id]

    def change(self, connector_id: str, **changes: Unpack[Changes]) -> None:
        """Set fields of a `Record`."""
        with self._lock:
            self._records[connector_id] = replace(self._records[connector_id], **changes)
            self._write()

    def end_time(self, connector_id: str) -> str:
        """A time for a sync that ends now, later than every end before it.

        The sensor waits for an end strictly later than the last one; a clock that stands
        still or is set back must not make it wait for ever.
        """
        record = self._records[connector_id]
        ends = [parse_time(end) for end in (record.succeeded_at, record.failed_at) if end]
        later = [end + timedelta(microseconds=1) for end in ends]
        return format_time(max([datetime.now(UTC), *later]))

    def _write(self) -> None:
        text = json.dumps({name: asdict(record) for name, record in self._records.items()})
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_name(f".{self._file.name}.partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(self._file)


def format_time(moment: datetime) -> str:
    """A time as Fivetran writes it, for example `2025-03-01T10:00:00.000000Z`."""
    return moment.astimezone(UTC).strftime(_TIME_FORMAT)


def parse_time(text: str) -> datetime:
    """The reverse of `format_time`."""
    return datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)


def _read(file: Path) -> dict[str, Record]:
    if not file.exists():
        return {}
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        return {name: Record(**fields) for name, fields in kept.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise RecordsError(f"{file} is not a state file of this server: {error}") from None
