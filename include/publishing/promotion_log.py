"""The log of promotions: which version became public when.

One empty file for each promotion, `promotions/<time>-<version>`; its metadata is the version's. A
version that is restored has two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from include.publishing.names import NAME_TIME, PROMOTIONS, VERSIONS_CONTAINER
from include.publishing.newest import newest_first
from include.publishing.store import Place, Store
from include.publishing.versions import Version
from include.times import california_time


@dataclass(frozen=True)
class Promotion:
    """A promotion.

    Attributes:
        at: When the version became public, in UTC.
        version: The version, with the person who approved or restored it, if there was one.
    """

    at: datetime
    version: Version

    def __str__(self) -> str:
        return f"The version {self.version.version} is public since {california_time(self.at)}"


def log_promotion(store: Store, promotion: Promotion) -> None:
    """Store a promotion."""
    name = f"{PROMOTIONS}{promotion.at:{NAME_TIME}}-{promotion.version.version}"
    store.write(Place(VERSIONS_CONTAINER, name), b"", promotion.version.as_metadata())


def promotions(store: Store, now: datetime) -> Iterator[Promotion]:
    """The promotions, the newest first; older ones are listed when they are reached.

    Args:
        store: The storage account.
        now: The current time, in UTC.
    """
    for path, metadata in newest_first(store, VERSIONS_CONTAINER, now, folder=PROMOTIONS):
        if version := Version.from_metadata(metadata):
            time = path.removeprefix(PROMOTIONS).split("-", 1)[0]
            yield Promotion(datetime.strptime(time, NAME_TIME).replace(tzinfo=UTC), version)


def last_promotion(store: Store, now: datetime) -> Promotion | None:
    """The newest promotion; `None` before the first one."""
    return next(promotions(store, now), None)
