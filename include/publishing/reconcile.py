"""Whether a publication is due: what is released, what is public, and what stops the rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from include.publishing.earlier import earlier_url
from include.publishing.holds import Hold, last_hold, unfinished_restore
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.released import Comparison, compare, read_released
from include.publishing.reviews import Review, last_review
from include.publishing.store import Place, Store, Stored
from include.publishing.versions import PUBLISHED
from include.times import california_time

# By then a publication has run, by an asset or by the clock.
PUBLIC_WITHIN = timedelta(hours=1)
# A hold is for the time in which a person corrects the cause.
FORGOTTEN_AFTER = timedelta(days=1)
# Since when the watch has seen released metrics that are not public, and that nothing stops.
BEHIND = Place(VERSIONS_CONTAINER, "watch/behind")


@dataclass(frozen=True)
class Publishing:
    """The state of publishing.

    Attributes:
        comparison: What is released and not public.
        served: The served file; `None` if there is none.
        last_hold: The newest hold, released or not.
        last_review: The newest question to a person about suspicious metrics.
    """

    comparison: Comparison
    served: Stored | None
    last_hold: Hold | None
    last_review: Review | None

    @property
    def hold(self) -> Hold | None:
        """The hold; `None` if publishing is not held."""
        return None if self.last_hold is None or self.last_hold.is_released else self.last_hold

    @property
    def is_until_switch(self) -> bool:
        """Whether the page reads an earlier system's file, and publishing is held meanwhile.

        Without the setting, nothing but the hold is left of the earlier system.
        """
        return bool(self.hold and self.hold.is_until_switch and earlier_url())

    @property
    def review(self) -> Review | None:
        """The last review, if it is about the released metrics and the served file."""
        etag = self.served.etag if self.served else None
        last = self.last_review
        return last if last and last.is_about(self.comparison.wanted, etag) else None

    @property
    def since(self) -> datetime | None:
        """Since when a publication is due, in UTC; `None` if everything released is public."""
        if self.comparison.since is None or self.last_hold is None:
            return self.comparison.since
        return max(self.comparison.since, self.last_hold.released_at or self.last_hold.since)

    @property
    def resumed_at(self) -> datetime | None:
        """When a promotion, a hold or a review last ended, in UTC; `None` if none ever did."""
        hold, review = self.last_hold, self.review
        ends = (
            self.served.modified_at if self.served else None,
            hold.released_at if hold else None,
            review.ends_at if review else None,
        )
        return max((one for one in ends if one), default=None)

    def stopped_by(self, now: datetime, *, is_asking: bool) -> str:
        """Who or what stops a publication that is due; empty if nothing does.

        Args:
            now: The current time, in UTC.
            is_asking: Whether the run that asked for the last review waits for its answer.
        """
        if self.hold:
            return str(self.hold)
        if self.review and (self.review.holds(now) or (not self.review.answered_at and is_asking)):
            return str(self.review)
        return ""


def read_publishing(store: Store, now: datetime) -> Publishing:
    """Read the state of publishing from the storage account.

    Args:
        store: The storage account.
        now: The current time, in UTC.

    Raises:
        AzureError: The storage account does not answer.
    """
    served = store.read(PUBLISHED)
    comparison = compare(read_released(store), served, now)
    return Publishing(comparison, served, last_hold(store), last_review(store))


class Delay(NamedTuple):
    """A problem of publishing that lasts.

    Attributes:
        key: Its identity, for example `not public`.
        text: One sentence or more.
    """

    key: str
    text: str


def find_delays(store: Store, state: Publishing, now: datetime, *, is_asking: bool) -> list[Delay]:
    """The problems of publishing that last.

    A source may release again every hour, so its file does not say since when it is not public:
    the first sighting is stored. The time starts again when a promotion, a hold or a review ends.

    Args:
        store: The storage account.
        state: The state of publishing.
        now: The current time, in UTC.
        is_asking: Whether the run that asked for the last review waits for its answer.
    """
    found = [
        Delay(f"invalid {one.partition(':')[0]}", f"A released file is invalid: {one}")
        for one in state.comparison.broken
    ]
    if unfinished := unfinished_restore(state.hold, state.served, now):
        found.append(Delay("unfinished restore", unfinished))
    elif state.hold and not state.is_until_switch and now - state.hold.since > FORGOTTEN_AFTER:
        text = f"Nothing new is public: {state.hold}. Release the hold with release_hold."
        found.append(Delay("forgotten hold", text))
    stopped = state.stopped_by(now, is_asking=is_asking)
    since = _first_seen(store, None if stopped else state.since, state.resumed_at)
    if since and now - since > PUBLIC_WITHIN:
        text = (
            f"Released metrics are not public since {california_time(since)}; the page"
            " Publication lists them. Trigger publish_metrics, and read the log of its audit."
        )
        found.append(Delay("not public", text))
    return found


def _first_seen(
    store: Store, since: datetime | None, resumed_at: datetime | None
) -> datetime | None:
    """The time that was stored when a lasting difference was first seen; `None` ends it."""
    if since is None:
        store.delete(BEHIND)
        return None
    stored = store.read(BEHIND)
    first = datetime.fromisoformat(stored.content.decode()) if stored else None
    if first and (resumed_at is None or first >= resumed_at):
        return first
    since = max(since, resumed_at) if resumed_at else since
    store.write(BEHIND, since.isoformat().encode())
    return since
