"""What is public now, which versions there are, and what is open: the facts of the first page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.incidents.incident import Incident
from include.incidents.open_incidents import all_open_incidents
from include.incidents.severity import computed_metrics
from include.publishing.change_limits import declared_limits
from include.publishing.contract import Metric, parse_if_whole
from include.publishing.differences import Difference, differences
from include.publishing.holds import Hold, held
from include.publishing.public_file import PublicFile, look
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED, Version, metrics_of, others, version_of
from include.sources import AIRTABLE

# Each is read to be compared; the others are in the container.
SHOWN_VERSIONS = 10


@dataclass(frozen=True)
class Shown:
    """A metric that is public.

    Attributes:
        change: Its value less that in the version before; null where it was not in that one.
        age: Since its `LAST_UPDATED`.
        is_late: Whether it is older than its frequency promises.
        source: The DAG that it comes from.
    """

    metric: Metric
    change: float | None
    age: timedelta
    is_late: bool
    source: str


@dataclass(frozen=True)
class Kept:
    """An earlier version, and what restoring it would change."""

    version: Version
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Publication:
    """What is public, and what is open.

    Attributes:
        seen: What anyone sees at the public address.
        url: The public address.
        served: The served version; null if there is none.
        served_at: When it was promoted (UTC).
    """

    seen: PublicFile
    url: str
    served: Version | None = None
    served_at: datetime | None = None
    metrics: tuple[Shown, ...] = ()
    kept: tuple[Kept, ...] = ()
    hold: Hold | None = None
    incidents: tuple[Incident, ...] = ()


def publication(store: Store, now: datetime) -> Publication:
    """The facts, read from the storage account and the public address.

    Raises:
        AzureError: The storage account does not answer.
    """
    seen, stored = look(store, now), store.read(PUBLISHED)
    own = version_of(stored) if stored else None
    metrics = parse_if_whole(stored.content if stored else None, now)
    kept = tuple(_kept(store, metrics, now))
    return Publication(
        seen,
        store.public_url(PUBLISHED),
        own,
        stored.modified_at if stored else None,
        tuple(_shown(metrics, kept, seen, now)),
        kept,
        held(store),
        tuple(all_open_incidents(store)),
    )


def _shown(
    metrics: list[Metric], kept: tuple[Kept, ...], seen: PublicFile, now: datetime
) -> Iterator[Shown]:
    source_of = {name: source for source, names in computed_metrics().items() for name in names}
    before = {one.metric: one for one in kept[0].differences} if kept else {}
    for metric in metrics:
        change: float | None = 0.0
        if (difference := before.get(metric.name)) is not None:
            # What restoring would change, turned round.
            after = difference.after
            change = None if after is None else metric.value - after
        late = metric.name in seen.late
        source = source_of.get(metric.name, AIRTABLE.name)
        yield Shown(metric, change, now - metric.updated_at, late, source)


def _kept(store: Store, metrics: list[Metric], now: datetime) -> Iterator[Kept]:
    for version in others(store)[:SHOWN_VERSIONS]:
        other = metrics_of(store, version.place, now)
        yield Kept(version, tuple(differences(metrics, other, declared_limits())))
