"""The facts of the page *Publication*: the public file, its versions, and open incidents."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from include.incidents.incident import Incident
from include.incidents.incident_file import FILE as INCIDENTS
from include.incidents.incident_file import read_state
from include.publishing.contract import parse_if_valid
from include.publishing.earlier import earlier_url
from include.publishing.holds import HOLD
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.page_file import until_switch
from include.publishing.public_file import PublicFile, check_public_file
from include.publishing.reconcile import BEHIND, Publishing, read_publishing
from include.publishing.reviews import REVIEW
from include.publishing.side_by_side import SideBySide, read_side_by_side
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, Version, read_metrics
from include.sources import COMPUTED, ENTERED
from include.ui.metrics import PublicMetric, day_values, public_metrics
from include.ui.snapshot import SECONDS, Snapshot
from include.ui.versions import (
    PublicVersion,
    last_promotions,
    list_promotions,
    prefetch_versions,
    public_versions,
)


@dataclass(frozen=True)
class Publication:
    """The state of publication.

    Attributes:
        public_file: The state of the public file.
        url: The public address.
        served: The served version; `None` before the first publication.
        served_at: The time of its promotion (UTC).
        metrics: The public metrics, in the order of the file.
        versions: The versions that were public lately, the newest first.
        state: What is released and not public, and what stops it; `None` if unknown.
        behind_since: When the watch first saw that something released is not public, in UTC;
            `None` if it has not.
        stopped_by: Who or what stops a publication that is due; empty if nothing does.
        incidents: The open incidents.
        side_by_side: The comparison with an earlier system's file; `None` without one.
    """

    public_file: PublicFile
    url: str
    served: Version | None = None
    served_at: datetime | None = None
    metrics: tuple[PublicMetric, ...] = ()
    versions: tuple[PublicVersion, ...] = ()
    state: Publishing | None = None
    behind_since: datetime | None = None
    stopped_by: str = ""
    incidents: tuple[Incident, ...] = ()
    side_by_side: SideBySide | None = None

    @property
    def other_version(self) -> str:
        """The newest version that is not public now; empty if there is none."""
        return next((one.version.version for one in self.versions if not one.is_public), "")


def read_publication(
    store: Store, now: datetime, asking: Collection[str] = (), *, seconds: float = SECONDS
) -> Publication:
    """Read the state of publication from the storage account and the public address.

    Args:
        store: The storage account.
        now: The current time, in UTC.
        asking: The runs that wait for a person's answer.
        seconds: How long that may take.

    Raises:
        AzureError: The storage account does not answer.
        TimeoutError: It does not answer in time.
    """
    with Snapshot(store, seconds=seconds) as snapshot:
        return _read(snapshot, now, asking)


def _read(store: Snapshot, now: datetime, asking: Collection[str]) -> Publication:
    released = (Place(PUBLIC_CONTAINER, source_file(name)) for name in (*ENTERED, *COMPUTED))
    store.prefetch((PUBLISHED, HOLD, REVIEW, BEHIND, INCIDENTS, *released))
    list_promotions(store, now)
    checked = store.start(lambda: check_public_file(store, now))
    served = store.read(PUBLISHED)
    logged = last_promotions(store, served, now)
    prefetch_versions(store, logged)
    state = read_publishing(store, now)
    url = earlier_url()
    compared = store.start(lambda: read_side_by_side(store, state, url, now)) if url else None
    versions = tuple(public_versions(store, served, logged, now))
    before = read_metrics(store, logged[1].version.place, now) if len(logged) > 1 else []
    days = day_values(store, logged, now)
    side_by_side = store.result(compared) if compared else None
    public_file = store.result(checked)
    if side_by_side and state.is_until_switch:
        public_file = until_switch(public_file, side_by_side.earlier)
    metrics = parse_if_valid(served.content if served else None, now)
    review = state.last_review
    return Publication(
        public_file,
        store.public_url(PUBLISHED),
        served=Version.from_metadata(served.metadata) if served else None,
        served_at=served.modified_at if served else None,
        metrics=tuple(public_metrics(metrics, before, days, public_file.late, now)),
        versions=versions,
        state=state,
        behind_since=_behind_since(store, state),
        stopped_by=state.stopped_by(now, is_asking=bool(review and review.run in asking)),
        incidents=read_state(store).open,
        side_by_side=side_by_side,
    )


def _behind_since(store: Store, state: Publishing) -> datetime | None:
    """When the watch first saw the difference that lasts, in UTC; `None` if it has not."""
    stored = store.read(BEHIND)
    first = datetime.fromisoformat(stored.content.decode()) if stored else None
    if first is None or state.since is None:
        return None
    return first if state.resumed_at is None or first >= state.resumed_at else None
