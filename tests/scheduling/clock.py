"""The simulated time of day."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from include import times
from include.publishing import contract

# The time between two attempts of tasks; an hour's attempts take less than an hour.
STEP = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Clock:
    """Replaces `datetime` where the pipeline reads the current time.

    Azurite, the warehouse and Airflow use the real time. The simulated time is before it, so that
    nothing seems to come from the future.
    """

    def __init__(self, start: datetime) -> None:
        self._hour = self._moment = start

    @property
    def moment(self) -> datetime:
        """The current time, in UTC."""
        return self._moment

    def now(self, zone: tzinfo) -> datetime:
        """The current time, as `datetime.now` returns it."""
        return self._moment.astimezone(zone)

    def tick(self) -> None:
        """Advance by some seconds, but never to the next hour."""
        self._moment = min(self._moment + STEP, self._hour + HOUR - STEP)

    def next_hour(self) -> None:
        """Advance to the next full hour."""
        self._hour = self._moment = self._hour + HOUR

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make the pipeline and its loaders use this clock."""
        monkeypatch.setattr(times, "datetime", self)
        # The emulated Fivetran writes the real time, which is after the simulated one.
        monkeypatch.setattr(contract, "CLOCK_SKEW", datetime.now(UTC) - self._moment + DAY)
