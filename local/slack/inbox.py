"""The received messages, a JSON object on each line of a file."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from include.times import utc_now


class InboxError(ValueError):
    """The messages file is malformed."""


@dataclass(frozen=True)
class Received:
    """A received message.

    Attributes:
        received_at: ISO 8601 in UTC.
        message: The webhook's payload: `text`, `blocks`, `attachments`.
    """

    received_at: str
    message: dict[str, Any]


class Inbox:
    """The file of messages; a message is on disk when `add` returns.

    Args:
        file: The file; created if missing.

    Raises:
        InboxError: A line of the file is not a message.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self.all()

    def add(self, message: Mapping[str, Any]) -> None:
        """Store a message."""
        line = json.dumps(asdict(Received(utc_now().isoformat(), dict(message))))
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def all(self) -> list[Received]:
        """Every message, oldest first.

        Raises:
            InboxError: A line of the file is not a message.
        """
        with self._lock:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        try:
            return [Received(**json.loads(line)) for line in lines if line]
        except (ValueError, TypeError):
            raise InboxError(f"{self._file} has a line that is not a message.") from None

    def clear(self) -> None:
        """Delete every message."""
        with self._lock:
            self._file.write_text("", encoding="utf-8")
