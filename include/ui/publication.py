"""The facts of the page *Publication*: the public file, its versions, and open incidents."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.incidents.incident import Incident
from include.incidents.incident_file import read_state
from include.incidents.severity import computed_metrics
from include.publishing.change_limits import declared_limits
from include.publishing.contract import Metric, parse_if_valid
from include.publishing.differences import Difference, compare_metrics
from include.publishing.earlier import earlier_url
from include.publishing.page_file import until_switch
from include.publishing.public_file import PublicFile, check_public_file
from include.publishing.reconcile import Publishing, read_publishing
from include.publishing.side_by_side import SideBySide, read_side_by_side
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED, Version, read_metrics, restorable_versions
from include.sources.airtable import AIRTABLE

# Each version on the page is read and compared.
MOST_VERSIONS = 10


@dataclass(frozen=True)
class PublicMetric:
    """A metric in the public file.

    Attributes:
        change: The difference from the version before; `None` for a new metric.
        age: The time since its `LAST_UPDATED`.
        is_late: Whether it is older than its frequency allows.
        source: The DAG of its source.
    """

    metric: Metric
    change: float | None
    age: timedelta
    is_late: bool
    source: str


@dataclass(frozen=True)
class EarlierVersion:
    """An earlier version, with the differences that restoring it would make."""

    version: Version
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Publication:
    """The state of publication.

    Attributes:
        public_file: The state of the public file.
        url: The public address.
        served: The served version; `None` before the first publication.
        served_at: The time of its promotion (UTC).
        state: What is released and not public, and what stops it; `None` if unknown.
        stopped_by: Who or what stops a publication that is due; empty if nothing does.
        incidents: The open incidents.
        side_by_side: The comparison with an earlier system's file; `None` without one.
    """

    public_file: PublicFile
    url: str
    served: Version | None = None
    served_at: datetime | None = None
    metrics: tuple[PublicMetric, ...] = ()
    earlier: tuple[EarlierVersion, ...] = ()
    state: Publishing | None = None
    stopped_by: str = ""
    incidents: tuple[Incident, ...] = ()
    side_by_side: SideBySide | None = None


def read_publication(store: Store, now: datetime, asking: Collection[str] = ()) -> Publication:
    """Read the state of publication from the storage account and the public address.

    Args:
        store: The storage account.
        now: The current time, in UTC.
        asking: The runs that wait for a person's answer.

    Raises:
        AzureError: The storage account does not answer.
    """
    public_file, state = check_public_file(store, now), read_publishing(store, now)
    url = earlier_url()
    side_by_side = read_side_by_side(store, state, url, now) if url else None
    if side_by_side and state.is_until_switch:
        public_file = until_switch(public_file, side_by_side.earlier)
    stored, review = state.served, state.last_review
    metrics = parse_if_valid(stored.content if stored else None, now)
    earlier = tuple(_earlier_versions(store, metrics, now))
    return Publication(
        public_file,
        store.public_url(PUBLISHED),
        served=Version.from_metadata(stored.metadata) if stored else None,
        served_at=stored.modified_at if stored else None,
        metrics=tuple(_public_metrics(metrics, earlier, public_file, now)),
        earlier=earlier,
        state=state,
        stopped_by=state.stopped_by(now, is_asking=bool(review and review.run in asking)),
        incidents=read_state(store).open,
        side_by_side=side_by_side,
    )


def _public_metrics(
    metrics: list[Metric],
    earlier: tuple[EarlierVersion, ...],
    public_file: PublicFile,
    now: datetime,
) -> Iterator[PublicMetric]:
    source_of = {name: source for source, names in computed_metrics().items() for name in names}
    differences = {item.metric: item for item in earlier[0].differences} if earlier else {}
    for metric in metrics:
        change: float | None = 0.0
        if (difference := differences.get(metric.name)) is not None:
            # It describes a restore: `after` is the earlier value.
            change = None if difference.after is None else metric.value - difference.after
        yield PublicMetric(
            metric,
            change,
            age=now - metric.updated_at,
            is_late=metric.name in public_file.late,
            source=source_of.get(metric.name, AIRTABLE.name),
        )


def _earlier_versions(
    store: Store, metrics: list[Metric], now: datetime
) -> Iterator[EarlierVersion]:
    for version in restorable_versions(store, now)[:MOST_VERSIONS]:
        earlier = read_metrics(store, version.place, now)
        yield EarlierVersion(version, tuple(compare_metrics(metrics, earlier, declared_limits())))
