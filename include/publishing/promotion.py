"""Promotion: replace the served file in one atomic step, and lose nothing.

A promotion that is killed between two steps can run again: the served version is saved before it
is replaced, the storage account copies in one atomic step, and a version that is already served is
not promoted twice.
"""

from datetime import datetime

from include.publishing.contract import Metric, parse
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.store import ChangedMeanwhileError, Place, Store, Stored
from include.publishing.versions import PUBLISHED, Version, save_version


def is_served(served: Stored | None, version: Version) -> bool:
    """True if the served file is this version, byte for byte."""
    return (
        served is not None
        and served.sha256 == version.sha256
        and served.metadata.get("version") == version.version
    )


def promote(store: Store, source: Place, version: Version, *, replacing: str | None) -> None:
    """Serve a version.

    Args:
        store: The storage account.
        source: The location of the version's file.
        version: The version's metadata.
        replacing: The ETag of the served file that the audit compared with; `None` if none was
            served.

    Raises:
        ChangedMeanwhileError: Another file is served by now, or the source is not the audited
            file; the served file stays.
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
        save_version(store, served)
    store.serve_as_json(source)
    store.copy(source, PUBLISHED, version.as_metadata(), replacing=replacing)


def replace_source_file(store: Store, candidate: Place, source: str, now: datetime) -> list[Metric]:
    """Serve a source's newly unloaded metrics as its release.

    Args:
        store: The storage account.
        candidate: The location of the unloaded file.
        source: The source's name.
        now: The current time, in UTC.

    Returns:
        The metrics.

    Raises:
        ContractError: The metrics break the contract; the last release stays.
        ChangedMeanwhileError: Another run replaced the release at the same time.
        MissingFileError: The candidate does not exist.
    """
    metrics = parse(store.need(candidate).content, now)
    target = Place(PUBLIC_CONTAINER, source_file(source))
    last = store.read(target)
    store.serve_as_json(candidate)
    store.copy(candidate, target, {}, replacing=last.etag if last else None)
    return metrics
