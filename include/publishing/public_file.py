"""A look at the public file from outside: is it there, whole, ours, and as fresh as it promises."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import httpx

from include.publishing.contract import ContractError, Metric, parse
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED, Version, from_metadata, kept_versions

# How old a value may be before somebody should ask why: its frequency, and a margin for weekends
# and late offices. The other frequencies promise nothing.
OLDEST = {
    "daily": timedelta(days=4),
    "weekly": timedelta(days=11),
    "monthly": timedelta(days=45),
}


@dataclass(frozen=True)
class PublicFile:
    """What anyone sees at the public address.

    Attributes:
        wrong: Why the file is missing, altered or broken, a sentence each; empty if it is whole.
        late: A sentence for each metric that is older than its frequency promises, by its name.
        metrics: The names of the metrics in it.
        version: The version that was promoted last; null if none is known.
        not_yet: Whether nothing was published yet, so that a missing file is in order.
        promoted_at: When the file was put there, in UTC; null if it is not whole.
    """

    wrong: tuple[str, ...] = ()
    late: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    version: Version | None = None
    not_yet: bool = False
    promoted_at: datetime | None = None

    @property
    def findings(self) -> list[str]:
        """A sentence for each thing that is wrong; the same thing has the same one every time.

        Before the first publication there is nothing to find.
        """
        return [] if self.not_yet else [*self.wrong, *self.late.values()]


def look(store: Store, now: datetime) -> PublicFile:
    """Read the public file as a browser would, and judge it.

    Args:
        now: The time of day, in UTC.

    Raises:
        AzureError: The storage account does not tell what was promoted.
    """
    url = store.public_url(PUBLISHED)
    try:
        answer = httpx.get(url, headers={"Cache-Control": "no-cache"}, timeout=30)
    except httpx.HTTPError as error:
        return PublicFile((f"The public file is out of reach: {type(error).__name__}.",))
    served = store.read(PUBLISHED)
    if answer.status_code != httpx.codes.OK:
        missing = f"The public file is missing: its address answers {answer.status_code}."
        return PublicFile((missing,), not_yet=served is None and not kept_versions(store))
    version = from_metadata(served.metadata) if served else None
    wrong = _by_whom(version, sha256(answer.content).hexdigest())
    try:
        metrics = parse(answer.content, now)
    except ContractError as error:
        wrong += [f"The public file breaks its contract: {each}." for each in error.violations]
        return PublicFile(tuple(wrong), version=version)
    names = tuple(metric.name for metric in metrics)
    promoted_at = served.modified_at if served else None
    return PublicFile(tuple(wrong), _too_old(metrics, now), names, version, promoted_at=promoted_at)


def _by_whom(promoted: Version | None, found: str) -> list[str]:
    if promoted is None or promoted.sha256 != found:
        return ["The public file is not the last version that was promoted: somebody changed it."]
    return []


def _too_old(metrics: list[Metric], now: datetime) -> dict[str, str]:
    return {
        metric.name: f"{metric.name} is to change {metric.frequency} and was last updated"
        f" {metric.last_updated}."
        for metric in metrics
        if metric.frequency in OLDEST and now - metric.updated_at > OLDEST[metric.frequency]
    }
