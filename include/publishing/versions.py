"""Versions of the public file: what each is known by, and keeping one before it is replaced."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from include.publishing.change_limits import declared_limits
from include.publishing.contract import Metric, parse_if_whole
from include.publishing.differences import differences
from include.publishing.names import (
    PUBLIC_CONTAINER,
    PUBLISHED_FILE,
    VERSIONS_CONTAINER,
    version_file,
)
from include.publishing.store import ChangedMeanwhileError, Place, Store, Stored

PUBLISHED = Place(PUBLIC_CONTAINER, PUBLISHED_FILE)
# Azure keeps 8 KB of metadata with a file.
_LONGEST = 1_000
_NOTES = ("audit", "reason", "decided_by")


@dataclass(frozen=True)
class Version:
    """What is known of a version, kept with its file as metadata.

    Attributes:
        version: Its name: when it was audited (UTC), and the beginning of its hash.
        sha256: The hash of the file, hexadecimal.
        run: The run that made it.
        audit: What the audit found: `in order`, or the odd differences.
        decided_by: Who approved or restored it; empty where nobody had to.
        reason: What that person gave as the reason.
    """

    version: str
    sha256: str
    run: str
    audit: str
    decided_by: str = ""
    reason: str = ""

    def as_metadata(self) -> dict[str, str]:
        """The version as a file's metadata."""
        return {
            name: value[:_LONGEST] if name in _NOTES else value
            for name, value in asdict(self).items()
        }

    @property
    def place(self) -> Place:
        """Where its file is kept."""
        return Place(VERSIONS_CONTAINER, version_file(self.version))


def version_name(made_at: datetime, sha256: str) -> str:
    """A version's name; names sort by time."""
    return f"{made_at:%Y%m%dT%H%M%SZ}-{sha256[:12]}"


def version_of(stored: Stored) -> Version:
    """What a file says of itself, or what can be seen of one that somebody else put there."""
    known = from_metadata(stored.metadata)
    if known is not None and known.sha256 == stored.sha256:
        return known
    name = version_name(stored.modified_at, stored.sha256)
    return Version(name, stored.sha256, run="", audit="not published by this pipeline")


def from_metadata(metadata: Mapping[str, str]) -> Version | None:
    """The version that a file's metadata tells; null where it tells none."""
    found = {each.name: metadata[each.name] for each in fields(Version) if each.name in metadata}
    return Version(**found) if len(found) == len(fields(Version)) else None


def keep(store: Store, served: Stored) -> Version:
    """Keep the served file among the versions, once.

    Raises:
        ChangedMeanwhileError: The served file is another one by now.
    """
    version = version_of(served)
    if store.read(version.place) is None:
        try:
            store.copy(PUBLISHED, version.place, version.as_metadata(), replacing=None)
        except ChangedMeanwhileError:
            if store.read(version.place) is None:
                raise
        if store.need(version.place).sha256 != version.sha256:
            store.delete(version.place)
            raise ChangedMeanwhileError("The served file changed while it was being kept.")
    return version


def kept_versions(store: Store) -> list[Version]:
    """Every version that is kept, the newest first."""
    found = (from_metadata(metadata) for metadata in store.list(VERSIONS_CONTAINER).values())
    return sorted(filter(None, found), key=lambda one: one.version, reverse=True)


# A person looks for one of the last days; an older one can be named in the form.
SHOWN = 20
_DIFFERENCES = 6


def choices(store: Store) -> list[str]:
    """One line for each of the newest versions but the served one: its name, then its run."""
    return [f"{one.version} by {one.run or 'hand'}" for one in others(store)]


def find(store: Store, name: str) -> Version | None:
    """The kept version of this name."""
    return next((one for one in kept_versions(store) if one.version == name), None)


def table(store: Store, now: datetime) -> str:
    """What each choice would change of what is public now, in Markdown."""
    served = metrics_of(store, PUBLISHED, now)
    lines = ["| version | run | audit | what would change |", "|---|---|---|---|"]
    for version in others(store):
        found = differences(served, metrics_of(store, version.place, now), declared_limits())
        shown = [str(one).split(" (")[0] for one in found[:_DIFFERENCES]]
        more = [f"and {len(found) - _DIFFERENCES} more"] if len(found) > _DIFFERENCES else []
        change = "; ".join(shown + more) or "nothing"
        lines.append(f"| {version.version} | {version.run} | {version.audit} | {change} |")
    return "\n".join(lines)


def others(store: Store) -> list[Version]:
    """The newest kept versions but the served one, the newest first."""
    served = store.read(PUBLISHED)
    own = version_of(served).version if served else None
    return [one for one in kept_versions(store) if one.version != own][:SHOWN]


def metrics_of(store: Store, place: Place, now: datetime) -> list[Metric]:
    """The metrics of a file in the storage account; none where it is missing or broken."""
    stored = store.read(place)
    return parse_if_whole(stored.content if stored else None, now)
