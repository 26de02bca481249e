"""Versions of the public file: their metadata, saving one before it is replaced, finding one."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from include.publishing.contract import Metric, parse_if_valid
from include.publishing.differences import Difference
from include.publishing.names import (
    CANDIDATES_CONTAINER,
    NAME_TIME,
    PUBLIC_CONTAINER,
    PUBLISHED_FILE,
    VERSIONS_CONTAINER,
    version_file,
)
from include.publishing.newest import newest_first
from include.publishing.store import (
    ChangedMeanwhileError,
    MalformedCandidateError,
    Place,
    Store,
    Stored,
)

PUBLISHED = Place(PUBLIC_CONTAINER, PUBLISHED_FILE)
# Azure stores 8 KB of metadata with a file.
_LONGEST = 1_000
_NOTES = ("audit", "reason", "decided_by")
# A person restores one of the last days; an older version can be named when triggering the DAG.
_CHOICES = 20


@dataclass(frozen=True)
class Version:
    """A version's metadata, stored with its file.

    Attributes:
        version: Its name: when its candidate was unloaded (UTC), and the beginning of its hash.
        sha256: The hash of the file, hexadecimal.
        run: The run that made it.
        audit: The result of the audit: `valid`, or the suspicious differences.
        decided_by: Who approved or restored it; empty if nobody had to.
        reason: That person's reason.
    """

    version: str
    sha256: str
    run: str
    audit: str
    decided_by: str = ""
    reason: str = ""

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Self | None:
        """The version that a file's metadata describes; `None` if it describes none."""
        names = [field.name for field in fields(cls)]
        if not all(name in metadata for name in names):
            return None
        return cls(**{name: metadata[name] for name in names})

    def as_metadata(self) -> dict[str, str]:
        """The version as a file's metadata."""
        return {
            name: value[:_LONGEST] if name in _NOTES else value
            for name, value in asdict(self).items()
        }

    @property
    def place(self) -> Place:
        """The location of its saved file."""
        return Place(VERSIONS_CONTAINER, version_file(self.version))


@dataclass(frozen=True)
class AuditedCandidate:
    """A candidate that passed the audit or needs review, as one task hands it to the next.

    Attributes:
        path: The candidate's path in its container.
        version: The version that it becomes when it is promoted.
        replacing: The ETag of the served file that the audit compared with; `None` if none was
            served.
        differences: The differences from that file, the suspicious ones first.
    """

    path: str
    version: Version
    replacing: str | None
    differences: tuple[Difference, ...]

    @classmethod
    def from_dict(cls, value: object) -> "AuditedCandidate":
        """The candidate that `as_dict` was called on.

        Raises:
            MalformedCandidateError: The value does not describe an audited candidate.
        """
        try:
            return _CANDIDATE.validate_python(value)
        except ValidationError as error:
            raise _malformed(error) from error

    @classmethod
    def from_json(cls, text: str | bytes) -> "AuditedCandidate":
        """The candidate whose `as_dict` is this JSON.

        Raises:
            MalformedCandidateError: The text does not describe an audited candidate.
        """
        try:
            return _CANDIDATE.validate_json(text)
        except ValidationError as error:
            raise _malformed(error) from error

    def as_dict(self) -> dict[str, Any]:
        """The candidate, ready for JSON."""
        return asdict(self)

    @property
    def place(self) -> Place:
        """The location of its file."""
        return Place(CANDIDATES_CONTAINER, self.path)

    @property
    def suspicious(self) -> tuple[Difference, ...]:
        """The differences that a person has to review."""
        return tuple(difference for difference in self.differences if difference.suspicious)


_CANDIDATE = TypeAdapter(AuditedCandidate)


def _malformed(error: ValidationError) -> MalformedCandidateError:
    problems = (
        f"{'.'.join(map(str, found['loc'])) or 'the value'}: {found['msg']}"
        for found in error.errors()
    )
    return MalformedCandidateError(f"This is not an audited candidate: {'; '.join(problems)}.")


def version_name(unloaded_at: datetime, sha256: str) -> str:
    """A version's name; names sort by time.

    Args:
        unloaded_at: When the candidate was unloaded, in UTC.
        sha256: The file's hash, hexadecimal.
    """
    return f"{unloaded_at:{NAME_TIME}}-{sha256[:12]}"


def made_at(name: str) -> datetime | None:
    """When a version's candidate was unloaded, in UTC, from its name; `None` if it has no time."""
    try:
        return datetime.strptime(name.partition("-")[0], NAME_TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def version_of(stored: Stored) -> Version:
    """A file's version, from its metadata, or from its content if somebody else put it there."""
    known = Version.from_metadata(stored.metadata)
    if known is not None and known.sha256 == stored.sha256:
        return known
    name = version_name(stored.modified_at, stored.sha256)
    return Version(name, stored.sha256, run="", audit="not published by this pipeline")


def save_version(store: Store, served: Stored) -> None:
    """Copy a served file to the versions' container, if it is not there yet.

    Args:
        store: The storage account.
        served: The served file, as it was read.

    Raises:
        ChangedMeanwhileError: Another file is served by now.
    """
    keep(store, PUBLISHED, served, version_of(served))


def keep(store: Store, source: Place, audited: Stored, version: Version) -> Stored:
    """Copy a version's file to the versions' container, once.

    Args:
        store: The storage account.
        source: The location of the file.
        audited: The file at that location, as it was checked.
        version: The version that it is.

    Returns:
        The saved file.

    Raises:
        ChangedMeanwhileError: Another file is at the source by now; nothing is saved.
    """
    saved = store.read(version.place)
    if saved is None:
        store.copy(
            source, version.place, version.as_metadata(), copying=audited.etag, replacing=None
        )
        saved = store.need(version.place)
    if saved.sha256 != version.sha256:
        raise ChangedMeanwhileError(f"The saved version {version.version} has another content.")
    return saved


def find_version(store: Store, name: str) -> Version | None:
    """The saved version of this name."""
    stored = store.read(Place(VERSIONS_CONTAINER, version_file(name)))
    return Version.from_metadata(stored.metadata) if stored else None


def saved_versions(store: Store, now: datetime) -> Iterator[Version]:
    """The saved versions, the newest first; older ones are listed when they are reached."""
    for _, metadata in newest_first(store, VERSIONS_CONTAINER, now):
        if version := Version.from_metadata(metadata):
            yield version


def restorable_versions(store: Store, now: datetime) -> list[Version]:
    """The newest saved versions without the served one, the newest first."""
    served = store.read(PUBLISHED)
    own = version_of(served).version if served else None
    others = (one for one in saved_versions(store, now) if one.version != own)
    return list(islice(others, _CHOICES))


def read_metrics(store: Store, place: Place, now: datetime) -> list[Metric]:
    """The metrics of a stored file; none if it is missing or invalid.

    Args:
        store: The storage account.
        place: The file's location.
        now: The current time, in UTC.
    """
    stored = store.read(place)
    return parse_if_valid(stored.content if stored else None, now)
