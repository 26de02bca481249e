"""The public file as anyone sees it: read from its address, without credentials."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from include.publishing.contract import ContractError, Metric, parse
from include.publishing.promotion_log import Promotion, last_promotion
from include.publishing.store import CACHE_CONTROL, NotServedError, Store
from include.publishing.versions import PUBLISHED, Version

# How long a storage account may take to serve a file that was just copied.
PATIENCE_SECONDS = 30.0

# The origin of the page that reads the file: a browser shows the file only if the answer allows it.
PAGE_ORIGIN = os.environ.get("DDRC_PAGE_ORIGIN", "https://www.ca.gov")
# The headers that the page needs, each with the values that are right.
HEADERS = {
    "content-type": ("application/json",),
    "cache-control": (CACHE_CONTROL,),
    "access-control-allow-origin": ("*", PAGE_ORIGIN),
}

# The oldest value that each frequency allows, with a margin for weekends and late offices. The
# other frequencies promise nothing.
OLDEST = {
    "daily": timedelta(days=4),
    "weekly": timedelta(days=11),
    "monthly": timedelta(days=45),
}


@dataclass(frozen=True)
class PublicFile:
    """The state of the public file.

    Attributes:
        wrong: Why the file is missing, altered or invalid, a sentence each; empty if it is fine.
        late: A sentence for each metric that is older than its frequency allows, by its name.
        metrics: The names of its metrics.
        version: The version that was promoted last; `None` if unknown.
        not_yet: Whether nothing was published yet, so that a missing file is fine.
        promoted_at: When the file was promoted, in UTC; `None` if it is missing or invalid.
    """

    wrong: tuple[str, ...] = ()
    late: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    version: Version | None = None
    not_yet: bool = False
    promoted_at: datetime | None = None

    @property
    def findings(self) -> list[str]:
        """A sentence for each problem, the same every time; none before the first publication."""
        return [] if self.not_yet else [*self.wrong, *self.late.values()]


def check_public_file(store: Store, now: datetime) -> PublicFile:
    """Read the public file as a browser does, and compare it with the last promoted version.

    Args:
        store: The storage account, for the version that was promoted.
        now: The current time, in UTC.

    Raises:
        AzureError: The storage account does not answer.
    """
    try:
        response = _get(store.public_url(PUBLISHED))
    except httpx.HTTPError as error:
        return PublicFile((f"The public file is out of reach: {type(error).__name__}.",))
    served, last = store.read(PUBLISHED), last_promotion(store, now)
    if response.status_code != httpx.codes.OK:
        missing = f"The public file is missing: its address answers {response.status_code}."
        return PublicFile((missing,), not_yet=served is None and last is None)
    version = Version.from_metadata(served.metadata) if served else None
    wrong = (*_differences(store, last, version, response.content), *_wrong_headers(response))
    try:
        metrics = parse(response.content, now)
    except ContractError as error:
        broken = (f"The public file breaks its contract: {one}." for one in error.violations)
        return PublicFile((*wrong, *broken), version=version)
    names = tuple(metric.name for metric in metrics)
    promoted_at = served.modified_at if served else None
    return PublicFile(wrong, _too_old(metrics, now), names, version, promoted_at=promoted_at)


def verify(url: str, version: Version, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Check that the public address serves a version.

    Args:
        url: The public address.
        version: The promoted version.
        patience_seconds: How long the address may answer something else.

    Raises:
        NotServedError: The address does not serve the version, or not as JSON.
    """
    for attempt in Retrying(
        retry=retry_if_exception_type(NotServedError),
        stop=stop_after_delay(patience_seconds),
        wait=wait_fixed(min(1.0, patience_seconds)),
        reraise=True,
    ):
        with attempt:
            _verify_once(url, version)


def _verify_once(url: str, version: Version) -> None:
    try:
        response = _get(url)
    except httpx.HTTPError as error:
        raise NotServedError(f"{url} is out of reach ({error}).") from error
    kind = response.headers.get("content-type", "")
    if response.status_code != httpx.codes.OK or not kind.startswith("application/json"):
        raise NotServedError(
            f"{url} answers {response.status_code} with the content type {kind or 'none'}."
        )
    found = sha256(response.content).hexdigest()
    if found != version.sha256:
        raise NotServedError(
            f"{url} serves {found[:12]}…, but version {version.version} was promoted."
        )


def _get(url: str) -> httpx.Response:
    return httpx.get(url, headers={"Cache-Control": "no-cache", "Origin": PAGE_ORIGIN}, timeout=30)


def _differences(
    store: Store, last: Promotion | None, served: Version | None, content: bytes
) -> Iterator[str]:
    """A sentence if the content is not that of the version that was promoted last."""
    if last is None:
        yield "The public file was never promoted by this pipeline: somebody put it there."
        return
    promoted = last.version
    if served and served.version > promoted.version:
        # A promotion was killed before it was logged: its version is saved already.
        promoted = served
    saved = store.read(promoted.place)
    if saved is None:
        yield f"The saved file of the promoted version {promoted.version} is missing."
    elif saved.content != content:
        yield "The public file is not the last version that was promoted: somebody changed it."
    elif served is None or served.version != promoted.version:
        yield (
            f"The public file has the content of the promoted version {promoted.version}, but not"
            " its metadata: somebody wrote it."
        )


def _wrong_headers(response: httpx.Response) -> Iterator[str]:
    """A sentence for each header that the public page needs and does not get."""
    for name, right in HEADERS.items():
        found = response.headers.get(name)
        if found not in right:
            yield f"The public file is served with {name}: {found or 'nothing'}, not {right[-1]}."


def _too_old(metrics: list[Metric], now: datetime) -> dict[str, str]:
    return {
        metric.name: f"{metric.name} should change {metric.frequency} and was last updated"
        f" {metric.last_updated}."
        for metric in metrics
        if metric.frequency in OLDEST and now - metric.updated_at > OLDEST[metric.frequency]
    }
