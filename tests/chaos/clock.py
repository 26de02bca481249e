"""The simulated time of day."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from include import times
from include.publishing import contract

# Between two tries of tasks; less than an hour passes in an hour.
STEP = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Clock:
    """Stands for `datetime` where the pipeline asks for the time of day.

    Azurite, the warehouse and Airflow keep real time: the simulated one lies before it, so that
    nothing looks as if it came from the future.
    """

    def __init__(self, start: datetime) -> None:
        self._hour = self._moment = start

    @property
    def moment(self) -> datetime:
        """The time of day, in UTC."""
        return self._moment

    def now(self, zone: tzinfo) -> datetime:
        """The time of day, as `datetime.now` tells it."""
        return self._moment.astimezone(zone)

    def tick(self) -> None:
        """Let some seconds pass, but never the full hour."""
        self._moment = min(self._moment + STEP, self._hour + HOUR - STEP)

    def next_hour(self) -> None:
        """Go on to the next full hour."""
        self._hour = self._moment = self._hour + HOUR

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have the pipeline and its loaders ask this clock."""
        monkeypatch.setattr(times, "datetime", self)
        # The emulated Fivetran stamps its rows with real time, which lies after the simulated one.
        monkeypatch.setattr(contract, "CLOCK_SKEW", datetime.now(UTC) - self._moment + DAY)
