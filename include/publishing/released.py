"""The comparison of what the sources have released with what is public.

The released files, `sources/<source>.json`, decide what should be public; the served file is what
is public. The warehouse is not asked, so a comparison costs a few small reads.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from include.publishing.contract import ContractError, Metric, parse, parse_if_valid
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.store import Place, Store, Stored
from include.sources import COMPUTED, ENTERED


@dataclass(frozen=True)
class Unpublished:
    """A metric whose released and public states differ.

    Attributes:
        name: The metric's name.
        public: Its public state; `None` if it is not public.
        released: Its released state; `None` if no source has it any more.
        source: The source that released it; empty if none has.
    """

    name: str
    public: Metric | None
    released: Metric | None
    source: str


@dataclass(frozen=True)
class Comparison:
    """What is released, and what of it is not public.

    Attributes:
        wanted: The fingerprint of the metrics that should be public.
        unpublished: The metrics that differ, sorted by name.
        since: Since when they differ, in UTC; `None` if nothing differs.
        broken: A sentence for each released file that breaks the contract.
    """

    wanted: str
    unpublished: tuple[Unpublished, ...]
    since: datetime | None
    broken: tuple[str, ...]

    @property
    def is_public(self) -> bool:
        """True if the public file says what the sources have released."""
        return not self.unpublished and not self.broken


def wanted_metrics(released: Mapping[str, Sequence[Metric]]) -> dict[str, tuple[Metric, str]]:
    """What should be public: the rule of the summary, `ddrc_metrics` in the dbt project.

    Every computed metric, and each one that staff enter whose name no computed metric has.

    Args:
        released: The released metrics of each source.

    Returns:
        By name, each metric and its source.
    """
    # A later source replaces an earlier one.
    ordered = [name for group in (ENTERED, COMPUTED) for name in group if name in released]
    return {metric.name: (metric, source) for source in ordered for metric in released[source]}


def compare(released: Mapping[str, Stored], served: Stored | None, now: datetime) -> Comparison:
    """Compare the released files with the served one.

    Args:
        released: Each source's released file.
        served: The served file; `None` if there is none.
        now: The current time, in UTC.
    """
    metrics, broken = {}, []
    for source, stored in released.items():
        try:
            metrics[source] = parse(stored.content, now)
        except ContractError as error:
            broken.append(f"{source_file(source)}: {error}.")
    wanted = wanted_metrics(metrics)
    public = {one.name: one for one in parse_if_valid(served.content if served else None, now)}
    unpublished = tuple(
        Unpublished(name, public.get(name), *wanted.get(name, (None, "")))
        for name in sorted(wanted.keys() | public.keys())
        if _state(public.get(name)) != _state(wanted.get(name, (None, ""))[0])
    )
    return Comparison(
        fingerprint(metric for metric, _ in wanted.values()),
        unpublished,
        _since(unpublished, released, served),
        tuple(broken),
    )


def read_released(store: Store) -> dict[str, Stored]:
    """The released file of each source whose metrics are published."""
    places = {name: Place(PUBLIC_CONTAINER, source_file(name)) for name in (*ENTERED, *COMPUTED)}
    found = {name: store.read(place) for name, place in places.items()}
    return {name: stored for name, stored in found.items() if stored is not None}


def fingerprint(metrics: Iterable[Metric]) -> str:
    """The hash of metrics, whatever their order; equal metrics have equal hashes."""
    states = sorted(repr(_state(metric)) for metric in metrics)
    return sha256("\n".join(states).encode()).hexdigest()


def _state(metric: Metric | None) -> tuple[object, ...] | None:
    """All of a metric; its time does not depend on how it is written."""
    if metric is None:
        return None
    return (*metric.model_dump(exclude={"last_updated"}).values(), metric.updated_at)


def _since(
    unpublished: Sequence[Unpublished], released: Mapping[str, Stored], served: Stored | None
) -> datetime | None:
    """When the oldest of the releases that are not public was written, or a later promotion."""
    if not unpublished:
        return None
    times = [released[one.source].modified_at for one in unpublished if one.source]
    oldest = [min(times)] if times else []
    promoted = [served.modified_at] if served else []
    return max(oldest + promoted)
