"""Promotion: the served file becomes another one in a single step, and nothing is lost by it.

Killed between any two steps and run again, it ends the same: the served version is kept before
it is replaced, the copy is one atomic step of the storage account, and a version that is already
served is not promoted twice.
"""

from datetime import datetime
from hashlib import sha256

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from include.publishing.contract import Metric, parse
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.store import ChangedMeanwhileError, NotServedError, Place, Store, Stored
from include.publishing.versions import PUBLISHED, Version, keep

# How long a storage account may take to serve what it was given.
PATIENCE_SECONDS = 30.0


def is_served(served: Stored | None, version: Version) -> bool:
    """Whether this version, byte for byte, is what is served."""
    return (
        served is not None
        and served.sha256 == version.sha256
        and served.metadata.get("version") == version.version
    )


def promote(store: Store, source: Place, version: Version, *, replacing: str | None) -> None:
    """Serve a version.

    Args:
        source: Its file.
        version: What is to be known of it.
        replacing: The ETag of the served file that it was compared with; null if none was served.

    Raises:
        ChangedMeanwhileError: Another file is served by now, or the source is not the one that
            was audited; what is served stays.
        MissingFileError: There is no source.
    """
    served = store.read(PUBLISHED)
    if is_served(served, version):
        return
    if (served.etag if served else None) != replacing:
        raise ChangedMeanwhileError(
            "The served file is not the one that the audit compared with: audit again."
        )
    if store.need(source).sha256 != version.sha256:
        raise ChangedMeanwhileError(
            f"{source.path} is not the file that was audited: audit it again."
        )
    if served is not None:
        keep(store, served)
    store.serve_as_json(source)
    store.copy(source, PUBLISHED, version.as_metadata(), replacing=replacing)


def verify(url: str, version: Version, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Read the public address as a browser would, without credentials.

    Args:
        url: The public address.
        version: What has to be served there.
        patience_seconds: For how long the address may answer something else.

    Raises:
        NotServedError: It is not served, or not as JSON.
    """
    for attempt in Retrying(
        retry=retry_if_exception_type(NotServedError),
        stop=stop_after_delay(patience_seconds),
        wait=wait_fixed(min(1.0, patience_seconds)),
        reraise=True,
    ):
        with attempt:
            _look(url, version)


def _look(url: str, version: Version) -> None:
    try:
        answer = httpx.get(url, headers={"Cache-Control": "no-cache"}, timeout=30)
    except httpx.HTTPError as error:
        raise NotServedError(f"{url} is out of reach ({error}).") from error
    kind = answer.headers.get("content-type", "")
    if answer.status_code != httpx.codes.OK or not kind.startswith("application/json"):
        raise NotServedError(f"{url} answers {answer.status_code} as {kind or 'no type'}.")
    found = sha256(answer.content).hexdigest()
    if found != version.sha256:
        raise NotServedError(
            f"{url} serves {found[:12]}…, and version {version.version} was promoted."
        )


def replace_source_file(store: Store, candidate: Place, source: str, now: datetime) -> list[Metric]:
    """Serve a source's newly unloaded metrics.

    Returns:
        The metrics.

    Raises:
        ContractError: They break the contract; the last file stays.
        ChangedMeanwhileError: Another run replaced the file at the same time.
        MissingFileError: Nothing was unloaded.
    """
    metrics = parse(store.need(candidate).content, now)
    target = Place(PUBLIC_CONTAINER, source_file(source))
    last = store.read(target)
    store.serve_as_json(candidate)
    store.copy(candidate, target, {}, replacing=last.etag if last else None)
    return metrics
