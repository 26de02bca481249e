"""What differs between the version that is served and another, and which of it is odd."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from include.publishing.change_limits import Limit, Limits
from include.publishing.contract import Metric


@dataclass(frozen=True)
class Difference:
    """One metric that differs.

    Attributes:
        metric: Its name.
        before: Its value in the served version; null if it is new.
        after: Its value in the other one; null if it vanished.
        odd: Why a person has to look, in a few words; empty if it is an ordinary change.
    """

    metric: str
    before: float | None
    after: float | None
    odd: str = ""

    def __str__(self) -> str:
        change = f"{_shown(self.before)} → {_shown(self.after)}"
        return f"{self.metric}: {change}" + (f" ({self.odd})" if self.odd else "")

    def as_dict(self) -> dict[str, Any]:
        """The difference, ready for JSON."""
        return asdict(self)


def differences(
    served: Iterable[Metric], other: Iterable[Metric], limits: Limits
) -> list[Difference]:
    """The metrics that differ, the odd ones first, each group in the order of their names."""
    before = {metric.name: metric for metric in served}
    after = {metric.name: metric for metric in other}
    found = [
        difference
        for name in sorted(before.keys() | after.keys())
        for difference in _of(before.get(name), after.get(name), limits.of(name))
    ]
    return sorted(found, key=lambda one: not one.odd)


def as_markdown(found: Sequence[Difference]) -> str:
    """A table for a person to decide by."""
    lines = ["| metric | served now | candidate | |", "|---|---:|---:|---|"]
    lines += [
        f"| `{one.metric}` | {_shown(one.before)} | {_shown(one.after)} | {one.odd} |"
        for one in found
    ]
    return "\n".join(lines)


def _of(before: Metric | None, after: Metric | None, limit: Limit) -> Iterator[Difference]:
    if before is None:
        if after is not None:
            yield Difference(after.name, None, after.value)
    elif after is None:
        yield Difference(before.name, before.value, None, "vanished")
    elif odd := "; ".join(_oddities(before, after, limit)):
        yield Difference(after.name, before.value, after.value, odd)
    elif before.value != after.value:
        yield Difference(after.name, before.value, after.value)


def _oddities(before: Metric, after: Metric, limit: Limit) -> Iterator[str]:
    change = after.value - before.value
    if change < 0 and not limit.may_fall:
        yield "fell, and should not"
    if abs(change) > max(limit.least, limit.jump * abs(before.value)):
        yield f"changed by more than {limit.jump:.0%}"
    if after.updated_at < before.updated_at:
        yield f"its time went back from {before.last_updated} to {after.last_updated}"
    if (after.type, after.unit_label) != (before.type, before.unit_label):
        yield f"was {before.type} of {before.unit_label}, is {after.type} of {after.unit_label}"


def _shown(value: float | None) -> str:
    if value is None:
        return "none"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
