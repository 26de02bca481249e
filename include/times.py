"""Time: stored in UTC, shown in California."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CALIFORNIA = ZoneInfo("America/Los_Angeles")


def utc_now() -> datetime:
    """The current time, in UTC."""
    return datetime.now(UTC)


def iso_utc(moment: datetime | None) -> str | None:
    """A time as ISO 8601 text in UTC, for example `2025-08-21T16:27:03.120000Z`.

    Args:
        moment: A time with a time zone, or `None`.
    """
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def naive_utc(moment: datetime | None) -> datetime | None:
    """A time as Snowflake's `TIMESTAMP_NTZ` holds it: in UTC, without its time zone.

    Args:
        moment: A time with a time zone, or `None`.
    """
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def california_time(moment: datetime) -> str:
    """A time for people in California, for example `Tue Nov 24, 2:27 PM PST`."""
    local = moment.astimezone(CALIFORNIA)
    return f"{local:%a %b} {local.day}, {local.hour % 12 or 12}:{local:%M %p %Z}"


def duration(length: timedelta) -> str:
    """A length of time for people, for example `3 h 12 min`."""
    minutes = int(length.total_seconds() // 60)
    parts = {"d": minutes // 1440, "h": minutes // 60 % 24, "min": minutes % 60}
    return " ".join(f"{n} {unit}" for unit, n in parts.items() if n) or "less than a minute"
