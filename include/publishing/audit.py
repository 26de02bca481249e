"""The audit of a candidate: valid, in need of a review, or invalid."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from include.formats import number
from include.publishing.change_limits import Limits
from include.publishing.contract import ContractError, Metric, parse, parse_if_valid
from include.publishing.differences import Difference, compare_metrics


@dataclass(frozen=True)
class Verdict:
    """The result of the audit of a candidate that meets the contract.

    Attributes:
        metrics: The number of metrics in the candidate.
        differences: The differences from the version before, the suspicious ones first.
    """

    metrics: int
    differences: tuple[Difference, ...]

    @property
    def suspicious(self) -> tuple[Difference, ...]:
        """The differences that a person has to review."""
        return tuple(difference for difference in self.differences if difference.suspicious)


def check_candidate(
    candidate: bytes,
    before: bytes | None,
    limits: Limits,
    now: datetime,
    *,
    day_ago: Sequence[Metric] = (),
) -> Verdict:
    """Check a candidate against the contract and against the version before it.

    Args:
        candidate: The candidate file.
        before: The public file, or the last version if the public file is missing or broken;
            `None` before the first publication.
        limits: How far each metric may change, from one version to the next and in a day.
        now: The current time, in UTC.
        day_ago: The metrics that were public a day ago, or since a person decided.

    Raises:
        ContractError: The candidate is invalid: it breaks the contract or is older than `before`.
    """
    metrics = parse(candidate, now)
    # Any valid candidate may replace a file that is broken.
    public = parse_if_valid(before, now)
    if public and _newest(metrics) < _newest(public):
        raise ContractError(
            [f"its newest time {_newest(metrics)} is older than the served {_newest(public)}"]
        )
    differences = _with_slow_changes(compare_metrics(public, metrics, limits), day_ago, limits)
    return Verdict(len(metrics), tuple(sorted(differences, key=lambda one: not one.suspicious)))


def _with_slow_changes(
    differences: Iterable[Difference], day_ago: Sequence[Metric], limits: Limits
) -> Iterator[Difference]:
    """The differences; one that exceeds its limit within a day is suspicious too."""
    values = {metric.name: metric.value for metric in day_ago}
    for one in differences:
        limit, start = limits.of(one.metric), values.get(one.metric)
        if (
            one.suspicious
            or start is None
            or one.after is None
            or not limit.jumps(start, one.after)
        ):
            yield one
        else:
            reason = f"changed by more than {limit.jump:.0%} in a day, from {number(start)}"
            yield replace(one, reason=reason)


def _newest(metrics: list[Metric]) -> datetime:
    return max(metric.updated_at for metric in metrics)
