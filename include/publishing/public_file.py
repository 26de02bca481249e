"""The public file as anyone sees it: read from its address, without credentials."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from time import monotonic, sleep
from typing import NamedTuple

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from include.https import trusted
from include.publishing.contract import ContractError, Metric, parse, parse_if_valid
from include.publishing.holds import current_hold
from include.publishing.lateness import is_late
from include.publishing.promotion_log import Promotion, last_promotion
from include.publishing.store import CACHE_CONTROL, NotServedError, Store
from include.publishing.versions import PUBLISHED, Version
from include.times import california_time

# How long a storage account may take to serve a file that was just copied.
PATIENCE_SECONDS = 30.0
_EVERY_SECONDS = 5.0

# The origin of the page that reads the file: a browser shows the file only if the answer allows it.
PAGE_ORIGIN = os.environ.get("DDRC_PAGE_ORIGIN", "https://www.ca.gov")
# The headers that the page needs, each with the values that are right.
HEADERS = {
    "content-type": ("application/json",),
    "cache-control": (CACHE_CONTROL,),
    "access-control-allow-origin": ("*", PAGE_ORIGIN),
}

MISSING, UNREACHABLE = "missing", "unreachable"


class Fault(NamedTuple):
    """A fault of the public file.

    Attributes:
        key: Its identity, for example `altered`; the same fault has the same key every time.
        text: One sentence.
        affected: The names of the metrics that are wrong or missing because of it.
        is_wrong: Whether the public sees something wrong, or nothing.
    """

    key: str
    text: str
    affected: tuple[str, ...] = ()
    is_wrong: bool = True


@dataclass(frozen=True)
class PublicFile:
    """The state of the public file.

    Attributes:
        faults: What is wrong with it; empty if it is fine or was never published.
        late: A sentence for each metric that is older than its frequency allows, by its name.
        metrics: The names of its metrics.
        version: The version that was promoted last; `None` if unknown.
        not_yet: Whether nothing was published yet, so that a missing file is fine.
        promoted_at: When the file was promoted, in UTC; `None` if it is missing or invalid.
        earlier: The address of an earlier system's file, while the page reads that one.
    """

    faults: tuple[Fault, ...] = ()
    late: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    version: Version | None = None
    not_yet: bool = False
    promoted_at: datetime | None = None
    earlier: str = ""

    @property
    def wrong(self) -> tuple[str, ...]:
        """Why the public sees something wrong or nothing, a sentence each."""
        return tuple(fault.text for fault in self.faults if fault.is_wrong)


def check_again(
    check: Callable[[], PublicFile], *, patience_seconds: float = PATIENCE_SECONDS
) -> PublicFile:
    """Check the public file until it has no fault, for half a minute.

    A single error of the network, or a promotion between two reads, is no fault.

    Args:
        check: Checks it once.
        patience_seconds: How long.

    Returns:
        The last check, with the faults that every check has found.
    """
    found = check()
    lasting = {fault.key for fault in found.faults}
    started = monotonic()
    while lasting and monotonic() - started < patience_seconds:
        sleep(min(_EVERY_SECONDS, patience_seconds))
        found = check()
        lasting &= {fault.key for fault in found.faults}
    return replace(found, faults=tuple(one for one in found.faults if one.key in lasting))


def check_public_file(store: Store, now: datetime) -> PublicFile:
    """Read the public file as a browser does, and compare it with the last promoted version.

    Args:
        store: The storage account, for the version that was promoted.
        now: The current time, in UTC.

    Raises:
        AzureError: The storage account does not answer.
    """
    response, fault = _request(store.public_url(PUBLISHED))
    if response is None and fault.key != MISSING:
        return PublicFile((fault,))
    served, last = store.read(PUBLISHED), last_promotion(store, now)
    if response is None:
        not_yet = served is None and last is None
        return PublicFile(() if not_yet else (fault,), not_yet=not_yet)
    version = Version.from_metadata(served.metadata) if served else None
    metrics, invalid = _parse(response.content, now)
    differences = _differences(store, last, version, response.content, now)
    return PublicFile(
        (*differences, *_wrong_headers(response), *invalid),
        _too_old(metrics, now),
        tuple(metric.name for metric in metrics),
        version,
        promoted_at=served.modified_at if served and not invalid else None,
    )


def check_address(url: str, now: datetime) -> PublicFile:
    """Check the public file by its address alone, while the storage account does not answer.

    Args:
        url: The public address.
        now: The current time, in UTC.
    """
    response, fault = _request(url)
    if response is None:
        return PublicFile((fault,))
    metrics, invalid = _parse(response.content, now)
    names = tuple(metric.name for metric in metrics)
    return PublicFile((*invalid, *_wrong_headers(response)), _too_old(metrics, now), names)


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
    headers = {"Cache-Control": "no-cache", "Origin": PAGE_ORIGIN}
    return httpx.get(url, headers=headers, timeout=30, verify=trusted())


def _request(url: str) -> tuple[httpx.Response | None, Fault]:
    """The answer of the public address if it is the file; else the fault."""
    try:
        response = _get(url)
    except httpx.HTTPError as error:
        text = f"The public file is out of reach: {type(error).__name__}."
        return None, Fault(UNREACHABLE, text)
    if response.status_code == httpx.codes.NOT_FOUND:
        return None, Fault(MISSING, "The public file is missing: its address answers 404.")
    if response.status_code != httpx.codes.OK:
        text = f"The public file is out of reach: its address answers {response.status_code}."
        return None, Fault(UNREACHABLE, text)
    return response, Fault("", "")


def _parse(content: bytes, now: datetime) -> tuple[list[Metric], tuple[Fault, ...]]:
    """The metrics; none and the fault if the content breaks the contract."""
    try:
        return parse(content, now), ()
    except ContractError as error:
        text = f"The public file breaks its contract: {error.violations[0]}."
        return [], (Fault("invalid", text),)


def _differences(
    store: Store, last: Promotion | None, served: Version | None, content: bytes, now: datetime
) -> Iterator[Fault]:
    """The fault if the content is not that of the version that was promoted last."""
    if last is None:
        yield Fault(
            "not promoted",
            "The public file was never promoted by this pipeline: somebody put it there.",
            tuple(one.name for one in parse_if_valid(content, now)),
        )
        return
    promoted = served if served and _is_unlogged(store, served, last.version) else last.version
    saved = store.read(promoted.place)
    if saved is None:
        text = f"The saved file of the promoted version {promoted.version} is missing."
        yield Fault("no saved version", text, is_wrong=False)
    elif saved.content != content:
        yield Fault(
            "altered",
            "The public file is not the last version that was promoted: somebody changed it.",
            _changed(saved.content, content, now),
        )
    elif served is None or served.version != promoted.version:
        text = (
            f"The public file has the content of the promoted version {promoted.version}, but not"
            " its metadata: somebody wrote it."
        )
        yield Fault("rewritten", text, is_wrong=False)


def _is_unlogged(store: Store, served: Version, last: Version) -> bool:
    """True if a promotion or a restore was killed before it was logged: its version is saved."""
    if served.version > last.version:
        return store.read(served.place) is not None
    hold = current_hold(store)
    return hold is not None and hold.version == served.version


def _changed(promoted: bytes, public: bytes, now: datetime) -> tuple[str, ...]:
    """The metrics that are not as they were promoted; all if the public file is invalid."""
    right = {metric.name: metric for metric in parse_if_valid(promoted, now)}
    shown = {metric.name: metric for metric in parse_if_valid(public, now)}
    names = dict.fromkeys((*right, *shown))
    return tuple(name for name in names if right.get(name) != shown.get(name))


def _wrong_headers(response: httpx.Response) -> Iterator[Fault]:
    """A fault for each header that the public page needs and does not get."""
    for name, right in HEADERS.items():
        found = response.headers.get(name)
        if found not in right:
            text = f"The public file is served with {name}: {found or 'nothing'}, not {right[-1]}."
            # A browser shows the file with another caching, and not without the other headers.
            yield Fault(f"header {name}", text, is_wrong=name != "cache-control")


def _too_old(metrics: list[Metric], now: datetime) -> dict[str, str]:
    return {
        metric.name: f"{metric.name} should change {metric.frequency} and was last updated"
        f" {california_time(metric.updated_at)}."
        for metric in metrics
        if is_late(metric.frequency, metric.updated_at, now)
    }
