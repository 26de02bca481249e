"""Times of the generated data, all before the time that it describes (`as_of`)."""

import random
from datetime import UTC, datetime, timedelta
from typing import Final

FIRES_BEGAN: Final = datetime(2025, 1, 8, tzinfo=UTC)
EARLIEST_AS_OF: Final = datetime(2025, 12, 1, tzinfo=UTC)
"""Earlier in the recovery there is too little to generate."""


def parse_as_of(text: str) -> datetime:
    """Parse an ISO 8601 time with a time zone; return it in UTC.

    Raises:
        ValueError: The text has no time zone, or is earlier than `EARLIEST_AS_OF`.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment < EARLIEST_AS_OF:
        raise ValueError(
            f"{text!r} needs a time zone and must not be before {iso(EARLIEST_AS_OF)}."
        )
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: `2026-11-22T08:00:00.000Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_ms(moment: datetime | None) -> int | None:
    """A date as ArcGIS stores it: milliseconds since 1970, UTC."""
    return None if moment is None else round(moment.timestamp() * 1000)


def between(rng: random.Random, start: datetime, end: datetime) -> datetime:
    """A random time from `start` to before `end`, to the millisecond."""
    return start + timedelta(milliseconds=int((end - start).total_seconds() * 1000 * rng.random()))


def later(rng: random.Random, start: datetime, days: tuple[int, int], end: datetime) -> datetime:
    """A random time after `start`, but before `end`.

    Args:
        rng: The generator.
        start: The earliest time.
        days: The least and the most days after `start`.
        end: The time before which the result lies.
    """
    moment = start + timedelta(days=rng.uniform(*days))
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return moment if moment < end else between(rng, start, end)
