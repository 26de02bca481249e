"""Differences between the served version and another one, and which of them are suspicious."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from include.formats import number
from include.publishing.change_limits import Limit, Limits
from include.publishing.contract import Metric
from include.times import california_time


@dataclass(frozen=True)
class Difference:
    """One metric that differs.

    Attributes:
        metric: The metric's name.
        before: Its value in the served version; `None` if it is new.
        after: Its value in the other version; `None` if it vanished.
        reason: Why a person has to review it, in a few words; empty if the change is within limits.
    """

    metric: str
    before: float | None
    after: float | None
    reason: str = ""

    @property
    def suspicious(self) -> bool:
        """True if a person has to review it."""
        return bool(self.reason)

    def __str__(self) -> str:
        change = f"{self.metric}: {number(self.before)} → {number(self.after)}"
        return f"{change} ({self.reason})" if self.reason else change


def compare_metrics(
    served: Iterable[Metric], other: Iterable[Metric], limits: Limits
) -> list[Difference]:
    """Compare the metrics of two versions.

    Args:
        served: The metrics of the served version.
        other: The metrics of the version to compare with it.
        limits: How far each metric may change.

    Returns:
        The metrics that differ, the suspicious ones first, each group sorted by name.
    """
    before = {metric.name: metric for metric in served}
    after = {metric.name: metric for metric in other}
    # Staff may enter a new metric by a slip of its name. All of theirs are new when they are
    # published for the first time.
    suspicious = after.keys() - limits.computed if before.keys() - limits.computed else set()
    found = [
        Difference(name, None, after[name].value, "new" if name in suspicious else "")
        for name in sorted(after.keys() - before.keys())
    ]
    found += [
        difference
        for name, metric in sorted(before.items())
        for difference in _compare(metric, after.get(name), limits.of(name))
    ]
    return sorted(found, key=lambda difference: (not difference.suspicious, difference.metric))


def as_markdown(differences: Sequence[Difference]) -> str:
    """A Markdown table for the person who reviews the differences."""
    lines = ["| metric | served now | candidate | |", "|---|---:|---:|---|"]
    lines += [
        f"| `{one.metric}` | {number(one.before)} | {number(one.after)} | {one.reason} |"
        for one in differences
    ]
    return "\n".join(lines)


def _compare(before: Metric, after: Metric | None, limit: Limit) -> Iterator[Difference]:
    if after is None:
        yield Difference(before.name, before.value, None, "vanished")
    elif reason := "; ".join(_reasons(before, after, limit)):
        yield Difference(after.name, before.value, after.value, reason)
    elif before.value != after.value:
        yield Difference(after.name, before.value, after.value)


def _reasons(before: Metric, after: Metric, limit: Limit) -> Iterator[str]:
    if after.value < before.value and not limit.may_fall:
        yield "fell, and should not"
    if after.value == 0 < before.value:
        yield "fell to 0"
    if after.value < 0 <= before.value:
        yield "became negative"
    if limit.jumps(before.value, after.value):
        yield f"changed by more than {limit.jump:.0%}"
    if after.updated_at < before.updated_at:
        times = california_time(before.updated_at), california_time(after.updated_at)
        yield f"its time went back from {times[0]} to {times[1]}"
    if (after.type, after.unit_label) != (before.type, before.unit_label):
        yield f"was {before.type} of {before.unit_label}, is {after.type} of {after.unit_label}"
    if after.frequency != before.frequency:
        yield f"was updated {before.frequency}, is updated {after.frequency}"
