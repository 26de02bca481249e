"""The messages that the webhook received, one JSON object per line of a file."""

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class InboxError(ValueError):
    """The messages file holds something else."""


@dataclass(frozen=True)
class Received:
    """One message.

    Attributes:
        received_at: ISO 8601 in UTC.
        message: The webhook's payload: `text`, `blocks`, `attachments`.
    """

    received_at: str
    message: dict[str, Any]


class Inbox:
    """The file of messages; a message is on disk when `add` returns.

    Raises (at construction):
        InboxError: the file holds a line that is no message.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        self.all()

    def add(self, message: Mapping[str, Any]) -> None:
        """Keep a message."""
        line = json.dumps(asdict(Received(datetime.now(UTC).isoformat(), dict(message))))
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def all(self) -> list[Received]:
        """Every message, oldest first."""
        with self._lock:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        try:
            return [Received(**json.loads(line)) for line in lines if line]
        except (ValueError, TypeError):
            raise InboxError(f"{self._file} holds a line that is no message.") from None

    def clear(self) -> None:
        """Forget every message."""
        with self._lock:
            self._file.write_text("", encoding="utf-8")
