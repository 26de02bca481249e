"""A look at the public file from outside: is it there, whole, ours, and as fresh as it promises."""

from datetime import datetime, timedelta
from hashlib import sha256

import httpx

from include.publishing.contract import ContractError, Metric, parse
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED, from_metadata

# How old a value may be before somebody should ask why: its frequency, and a margin for weekends
# and late offices. The other frequencies promise nothing.
OLDEST = {
    "daily": timedelta(days=4),
    "weekly": timedelta(days=11),
    "monthly": timedelta(days=45),
}


def look(store: Store, now: datetime) -> list[str]:
    """What is wrong with the public file; nothing if all is well.

    Args:
        now: The time of day, in UTC.

    Returns:
        A sentence for each finding; the same finding has the same sentence every time.
    """
    url = store.public_url(PUBLISHED)
    try:
        answer = httpx.get(url, headers={"Cache-Control": "no-cache"}, timeout=30)
    except httpx.HTTPError as error:
        return [f"The public file is out of reach: {type(error).__name__}."]
    if answer.status_code != httpx.codes.OK:
        return [f"The public file is missing: its address answers {answer.status_code}."]
    findings = _by_whom(store, sha256(answer.content).hexdigest())
    try:
        metrics = parse(answer.content, now)
    except ContractError as error:
        return [
            *findings,
            *(f"The public file breaks its contract: {v}." for v in error.violations),
        ]
    return [*findings, *_too_old(metrics, now)]


def _by_whom(store: Store, found: str) -> list[str]:
    served = store.read(PUBLISHED)
    promoted = from_metadata(served.metadata) if served else None
    if promoted is None or promoted.sha256 != found:
        return ["The public file is not the last version that was promoted: somebody changed it."]
    return []


def _too_old(metrics: list[Metric], now: datetime) -> list[str]:
    return [
        f"{metric.name} is to change {metric.frequency} and was last updated {metric.last_updated}."
        for metric in metrics
        if metric.frequency in OLDEST and now - metric.updated_at > OLDEST[metric.frequency]
    ]
