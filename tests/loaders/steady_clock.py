"""A clock that only a load's own pauses move."""

from datetime import UTC, datetime
from typing import Any

from include.loaders import (
    LoadOptions,
)


class Clock:
    """A clock that only its own pauses move."""

    def __init__(self) -> None:
        self.time = 0.0
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds

    def options(self, **more: Any) -> LoadOptions:
        usual = {"retry_seconds": 60.0, "monotonic": lambda: self.time, "sleep": self.sleep}
        now = datetime(2025, 8, 22, 8, 0, tzinfo=UTC)
        return LoadOptions(**{"now": lambda: now, **usual, **more})
