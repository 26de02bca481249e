"""Times of the seeded data: all before the moment that the data is as of."""

import random
from datetime import UTC, datetime, timedelta
from typing import Final

FIRES_BEGAN: Final = datetime(2025, 1, 8, tzinfo=UTC)
EARLIEST_AS_OF: Final = datetime(2025, 12, 1, tzinfo=UTC)
"""The recovery must have gone some way, or there is nothing to make up."""


def parse_as_of(text: str) -> datetime:
    """The moment in UTC that an ISO 8601 text with a time zone names.

    Raises:
        ValueError: It has no time zone, or is earlier than `EARLIEST_AS_OF`.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment < EARLIEST_AS_OF:
        raise ValueError(
            f"{text!r} is no moment to make data of: give a time zone, and a time that is "
            f"not before {iso(EARLIEST_AS_OF)}."
        )
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: `2026-11-22T08:00:00.000Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_ms(moment: datetime | None) -> int | None:
    """ArcGIS's form of a date: milliseconds since 1970, UTC."""
    return None if moment is None else round(moment.timestamp() * 1000)


def between(rng: random.Random, start: datetime, end: datetime) -> datetime:
    """A moment from `start` on and before `end`, to the millisecond."""
    return start + timedelta(milliseconds=int((end - start).total_seconds() * 1000 * rng.random()))


def later(rng: random.Random, start: datetime, days: tuple[int, int], end: datetime) -> datetime:
    """A moment so many days after `start`, or between the two if that is after `end`."""
    moment = start + timedelta(days=rng.uniform(*days))
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return moment if moment < end else between(rng, start, end)
