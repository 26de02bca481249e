"""The versions that can be restored, as a person chooses among them."""

from datetime import datetime

from include.publishing.contract import Metric, parse_if_whole
from include.publishing.differences import differences
from include.publishing.limits import our_limits
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, Version, kept_versions, version_of

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
        found = differences(served, metrics_of(store, version.place, now), our_limits())
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
