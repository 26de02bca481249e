"""Reviews: the last suspicious candidate that a person was asked about, and the answer."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

REVIEW = Place(VERSIONS_CONTAINER, "review")
# A person who held metrics is asked again after a day, if they are still the released ones.
ASK_AGAIN_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Review:
    """The last question to a person about suspicious metrics.

    Attributes:
        run: The run of `approve_change` that asked.
        metrics: The fingerprint of the candidate's metrics.
        served: The ETag of the served file that they were compared with; `None` without one.
        asked_at: When the question was posted, in UTC.
        held_by: The person who held the candidate; empty if nobody answered.
        reason: That person's reason.
        answered_at: When it was held, in UTC; `None` while the question is open.
    """

    run: str
    metrics: str
    served: str | None
    asked_at: datetime
    held_by: str = ""
    reason: str = ""
    answered_at: datetime | None = None

    def is_about(self, metrics: str, served: str | None) -> bool:
        """True if it is about these metrics, compared with this served file."""
        return (self.metrics, self.served) == (metrics, served)

    @property
    def ends_at(self) -> datetime | None:
        """From when a person is asked again, in UTC; `None` while the question is open."""
        if self.answered_at is None or not self.held_by:
            return self.answered_at
        return self.answered_at + ASK_AGAIN_AFTER

    def holds(self, now: datetime) -> bool:
        """True if a person has held the metrics, and need not be asked again yet."""
        return bool(self.held_by) and self.ends_at is not None and now < self.ends_at

    def __str__(self) -> str:
        if self.held_by:
            return f"{self.held_by} held them: {self.reason or 'no reason given'}"
        return f"they wait for a review, which the run {self.run} of approve_change asks for"


_REVIEW = TypeAdapter(Review)


def last_review(store: Store) -> Review | None:
    """The last review; `None` if nobody was ever asked."""
    found = store.read(REVIEW)
    return _REVIEW.validate_json(found.content) if found else None


def save_review(store: Store, review: Review) -> None:
    """Store a review; it replaces the last one."""
    store.write(REVIEW, _REVIEW.dump_json(review))


def hold_reviewed(store: Store, run: str, person: str, reason: str, now: datetime) -> None:
    """Store that a candidate is held, if the last question was about it.

    Args:
        store: The storage account.
        run: The run of `approve_change` that asked.
        person: Who held it; empty if nobody answered.
        reason: That person's reason.
        now: The current time, in UTC.
    """
    review = last_review(store)
    if review and review.run == run:
        save_review(store, replace(review, held_by=person, reason=reason, answered_at=now))
