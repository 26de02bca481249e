"""Reports of loads and exports, and the notes in them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Literal

from include.masking import mask_secrets
from include.times import iso_utc

# How many rows a note names.
NAMED_ROWS = 5

Outcome = Literal["loaded", "unchanged", "transient failure", "permanent failure"]


@dataclass(frozen=True)
class LoadReport:
    """The outcome of one load, for logs, messages and the load log in the warehouse.

    Attributes:
        source: The source's name.
        table: The raw table's qualified name.
        load_id: The run that loaded the table.
        rows: How many rows the table holds after the load.
        bytes: What the source sent, as it came over the wire.
        requests: How many requests were made, retries included.
        seconds: How long the load took.
        read_seconds: How long reading the source took; the rest was for the warehouse.
        source_edited_at: The source's declared last edit, in UTC; `None` if it declares none.
        loaded_at: When the load began to read, in UTC.
        content_hash: SHA-256 of the rows as they were read, in hexadecimal: equal hashes mean
            equal rows in equal order, however many requests they came in.
        outcome: `unchanged` if the table was known to hold these rows already.
        reason: Why the load failed, or why a person accepted a drop; empty otherwise.
        notes: What a person should know although the load succeeded.
    """

    source: str
    table: str
    load_id: str
    rows: int
    bytes: int
    requests: int
    seconds: float
    read_seconds: float
    source_edited_at: datetime | None
    loaded_at: datetime
    content_hash: str
    outcome: Outcome
    reason: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # They quote errors and services, and the load log keeps them.
        object.__setattr__(self, "reason", mask_secrets(self.reason))
        object.__setattr__(self, "notes", tuple(map(mask_secrets, self.notes)))

    def as_dict(self) -> dict[str, Any]:
        """The report with times as ISO 8601 strings, ready for JSON."""
        return asdict(self) | {
            "source_edited_at": iso_utc(self.source_edited_at),
            "loaded_at": iso_utc(self.loaded_at),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class ExportReport:
    """The outcome of one export.

    Attributes:
        rows: How many rows the file has.
        bytes: What the source sent, as it came over the wire.
        requests: How many requests were made, retries included.
        seconds: How long the export took.
        peak_memory: The most memory that this process has had, in bytes.
        content_hash: SHA-256 of the rows, hexadecimal.
        notes: What a person should know although the file is complete.
    """

    rows: int
    bytes: int
    requests: int
    seconds: float
    peak_memory: int
    content_hash: str
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", tuple(map(mask_secrets, self.notes)))

    def as_dict(self) -> dict[str, Any]:
        """The report, ready for JSON."""
        return asdict(self)


class Notes:
    """Collects notes on rows from several threads, one sentence for each kind of note."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._rows: dict[str, list[int]] = {}
        self._lock = Lock()

    def add(self, sentence: str, count: int = 1) -> None:
        """Add a sentence; `count` is added up and takes the place of its `{count}`.

        A count of 0 adds nothing.
        """
        if count:
            with self._lock:
                self._counts[sentence] += count

    def add_rows(self, sentence: str, rows: Sequence[int]) -> None:
        """Add a sentence on some rows: their number is its `{count}`, the lowest its `{rows}`.

        No rows add nothing.
        """
        if rows:
            with self._lock:
                self._counts[sentence] += len(rows)
                named = {*self._rows.get(sentence, ()), *rows}
                self._rows[sentence] = sorted(named)[:NAMED_ROWS]

    def clear(self) -> None:
        """Drop every note, because reading starts again."""
        with self._lock:
            self._counts.clear()
            self._rows.clear()

    def sentences(self) -> tuple[str, ...]:
        """The sentences, sorted."""
        with self._lock:
            return tuple(
                sorted(
                    sentence.replace("{count}", f"{count:,}").replace(
                        "{rows}", self._first_rows(sentence)
                    )
                    for sentence, count in self._counts.items()
                )
            )

    def _first_rows(self, sentence: str) -> str:
        rows = self._rows.get(sentence, [])
        return ", ".join(map(str, rows)) + (", …" if self._counts[sentence] > len(rows) else "")
