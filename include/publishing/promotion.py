"""Promotion: replace the served file in one atomic step, and lose nothing.

A promotion that is killed between two steps can run again: the version is saved before it is
served, the storage account copies in one atomic step, and a version that is already served is not
promoted twice.
"""

from collections.abc import Mapping
from datetime import datetime

from include.publishing.contract import Metric, parse
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.promotion_log import Promotion, last_promotion, log_promotion
from include.publishing.store import ChangedMeanwhileError, Place, Store, Stored
from include.publishing.versions import PUBLISHED, Version, keep, save_version

# When a source's released metrics were unloaded, in the metadata of its release.
UNLOADED_AT = "unloaded_at"
# The path of the candidate that it is a copy of, which names the run.
CANDIDATE = "candidate"


class OlderError(Exception):
    """A step would replace something newer; nothing was changed, and nothing has to be done."""


def is_served(served: Stored | None, version: Version) -> bool:
    """True if the served file is this version, byte for byte."""
    return (
        served is not None
        and served.sha256 == version.sha256
        and served.metadata.get("version") == version.version
    )


def promote(
    store: Store, source: Place, version: Version, *, replacing: str | None, now: datetime
) -> None:
    """Serve a version, and log that it is public.

    Args:
        store: The storage account.
        source: The location of the version's file.
        version: The version's metadata.
        replacing: The ETag of the served file that the audit compared with; `None` if none was
            served.
        now: The current time, in UTC.

    Raises:
        ChangedMeanwhileError: Another file is served by now, or the source is not the audited
            file; the served file stays.
        MissingFileError: There is no source.
    """
    served = store.read(PUBLISHED)
    if not is_served(served, version):
        if (served.etag if served else None) != replacing:
            raise ChangedMeanwhileError(
                "The served file is not the one that the audit compared with: audit again."
            )
        if served is not None:
            save_version(store, served)
        saved = _save_audited(store, source, version)
        store.copy(
            version.place,
            PUBLISHED,
            version.as_metadata(),
            copying=saved.etag,
            replacing=replacing,
        )
    last = last_promotion(store, now)
    if last is None or last.version.version != version.version:
        log_promotion(store, Promotion(now, version))


def _save_audited(store: Store, source: Place, version: Version) -> Stored:
    if (saved := store.read(version.place)) is not None:
        return keep(store, source, saved, version)
    store.serve_as_json(source)
    audited = store.need(source)
    if audited.sha256 != version.sha256:
        raise ChangedMeanwhileError(
            f"{source.path} is not the file that was audited: audit it again."
        )
    return keep(store, source, audited, version)


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
        ChangedMeanwhileError: Another run replaced the candidate or the release at the same time.
        MissingFileError: The candidate does not exist.
        OlderError: The release was unloaded later than the candidate; it stays.
    """
    target = Place(PUBLIC_CONTAINER, source_file(source))
    unloaded, last = store.need(candidate), store.read(target)
    at = as_unloaded(unloaded.modified_at)
    if last is not None and at < (newer := unloaded_at(last.metadata)):
        raise OlderError(
            f"These metrics of {source} were unloaded at {at}, the released ones at {newer}"
        )
    store.serve_as_json(candidate)
    audited = store.need(candidate)
    metrics = parse(audited.content, now)
    store.copy(
        candidate,
        target,
        {UNLOADED_AT: at, CANDIDATE: candidate.path},
        copying=audited.etag,
        replacing=last.etag if last else None,
    )
    return metrics


def as_unloaded(moment: datetime) -> str:
    """A time of the storage account as `unloaded_at` has it: ISO 8601 in UTC, to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def unloaded_at(metadata: Mapping[str, str]) -> str:
    """When a release was unloaded, ISO 8601 in UTC to the second; empty if it is unknown."""
    return metadata.get(UNLOADED_AT, "")
