"""Time: stored in UTC, shown in California."""

from datetime import UTC, datetime
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
