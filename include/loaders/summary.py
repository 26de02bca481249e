"""What an export did, for the program that called it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Summary:
    """What an export did.

    Attributes:
        rows: How many rows the file has.
        bytes: What the source sent, as it came over the wire.
        requests: How many requests were made, retries included.
        seconds: How long it took.
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

    def as_dict(self) -> dict[str, Any]:
        """The summary, ready for JSON."""
        return asdict(self)
