"""The versions that were public lately: when, for how long, and what they changed.

Only a part of the log of promotions is listed, the last week; if that has few, the last months.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from include.publishing.change_limits import declared_limits
from include.publishing.contract import Metric, parse_if_valid
from include.publishing.differences import Difference, compare_metrics
from include.publishing.names import PROMOTIONS, VERSIONS_CONTAINER
from include.publishing.newest import DAYS
from include.publishing.promotion_log import Promotion, promotions
from include.publishing.store import Stored
from include.publishing.versions import Version, made_at, read_metrics
from include.times import CALIFORNIA
from include.ui.snapshot import Snapshot

# The versions on the page; each is read and compared.
MOST_VERSIONS = 10
# The days and months of the log of promotions that are listed, the newest first.
_DAYS = range(-1, DAYS)
_MONTHS = range(4)


@dataclass(frozen=True)
class PublicVersion:
    """A version for as long as it was public; one that is restored is there twice.

    Attributes:
        version: The version.
        public_at: When it became public, in UTC.
        public_until: When another one did, in UTC; `None` for the last one.
        is_public: Whether it is public now.
        is_newer: Whether it was made after the version that is public now.
        is_readable: Whether its saved file exists and meets the contract.
        changes: The values that it changed, from those of the version that was public before;
            `None` if that one is unknown.
        if_restored: The values that restoring it would change, from those that are public now.
    """

    version: Version
    public_at: datetime
    public_until: datetime | None = None
    is_public: bool = False
    is_newer: bool = False
    is_readable: bool = True
    changes: tuple[Difference, ...] | None = None
    if_restored: tuple[Difference, ...] = ()

    @property
    def made_at(self) -> datetime:
        """When its metrics were unloaded, in UTC; when it became public if its name is no time."""
        return made_at(self.version.version) or self.public_at

    def public_for(self, now: datetime) -> timedelta:
        """How long it was public."""
        return max((self.public_until or now) - self.public_at, timedelta(0))


def list_promotions(store: Snapshot, now: datetime) -> None:
    """List the part of the log of promotions that the page shows.

    The log has a file for each promotion since the first one, and reading it from the newest on
    takes a list for each day and month, one after another.

    Args:
        store: The storage account.
        now: The current time, in UTC.
    """
    month, months = now + timedelta(days=1), []
    for _ in _MONTHS:
        months.append(f"{PROMOTIONS}{month:%Y%m}")
        month = month.replace(day=1) - timedelta(days=1)
    days = [f"{PROMOTIONS}{now - timedelta(days=back):%Y%m%d}" for back in _DAYS]
    for prefixes, enough in ((days, MOST_VERSIONS + 1), (months, 1), ([PROMOTIONS], 0)):
        if store.list_only(VERSIONS_CONTAINER, PROMOTIONS, prefixes) >= enough:
            return


def last_promotions(store: Snapshot, served: Stored | None, now: datetime) -> list[Promotion]:
    """The promotions of the last week, and at least the last ones; the newest first.

    Args:
        store: The storage account, after `list_promotions`.
        served: The served file.
        now: The current time, in UTC.
    """
    version = Version.from_metadata(served.metadata) if served else None
    found = promotions(store, now)
    first = next(found, None)
    logged = [first] if first else []
    if served and version and (first is None or first.version.version != version.version):
        # The promotion was killed before it was logged.
        logged.insert(0, Promotion(served.modified_at, version))
    logged += islice(found, MOST_VERSIONS)
    week_ago = now - timedelta(days=DAYS)
    for one in found if logged else ():
        if one.at < week_ago:
            break
        logged.append(one)
    return logged


def prefetch_versions(store: Snapshot, logged: Sequence[Promotion]) -> None:
    """Begin to read the files of the versions that the page compares."""
    store.prefetch(one.version.place for one in (*logged[: MOST_VERSIONS + 1], *by_day(logged)))


def public_versions(
    store: Snapshot, served: Stored | None, logged: Sequence[Promotion], now: datetime
) -> Iterator[PublicVersion]:
    """The versions that were public lately, the newest first.

    Args:
        store: The storage account.
        served: The served file.
        logged: The last promotions, the newest first.
        now: The current time, in UTC.
    """
    version = Version.from_metadata(served.metadata) if served else None
    shown = version.version if version else ""
    values = {
        one.version.version: read_metrics(store, one.version.place, now)
        for one in logged[: MOST_VERSIONS + 1]
    }
    public = parse_if_valid(served.content if served else None, now)
    until: datetime | None = None
    for index, promotion in enumerate(logged[:MOST_VERSIONS]):
        name = promotion.version.version
        metrics = values[name]
        before = values[logged[index + 1].version.version] if index + 1 < len(logged) else []
        is_compared = bool(metrics and name != shown)
        yield PublicVersion(
            promotion.version,
            promotion.at,
            until,
            is_public=until is None and name == shown,
            is_newer=bool(shown) and name > shown,
            is_readable=bool(metrics),
            changes=_values(before, metrics) if before and metrics else None,
            if_restored=_values(public, metrics) if is_compared else (),
        )
        until = promotion.at


def by_day(logged: Sequence[Promotion]) -> list[Promotion]:
    """The last promotion of each day in California, the newest first."""
    days: dict[object, Promotion] = {}
    for one in logged:
        days.setdefault(one.at.astimezone(CALIFORNIA).date(), one)
    return list(days.values())


def _values(before: list[Metric], after: list[Metric]) -> tuple[Difference, ...]:
    """The metrics whose values differ; a difference in time or words is none."""
    found = compare_metrics(before, after, declared_limits())
    return tuple(one for one in found if one.before != one.after)
