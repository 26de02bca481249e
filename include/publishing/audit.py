"""The audit of a candidate: valid, in need of a review, or invalid."""

from dataclasses import dataclass
from datetime import datetime

from include.publishing.change_limits import Limits
from include.publishing.contract import ContractError, Metric, parse, parse_if_valid
from include.publishing.differences import Difference, compare_metrics


@dataclass(frozen=True)
class Verdict:
    """The result of the audit of a candidate that meets the contract.

    Attributes:
        metrics: The number of metrics in the candidate.
        differences: The differences from the served version, the suspicious ones first.
    """

    metrics: int
    differences: tuple[Difference, ...]

    @property
    def suspicious(self) -> tuple[Difference, ...]:
        """The differences that a person has to review."""
        return tuple(difference for difference in self.differences if difference.suspicious)


def check_candidate(
    candidate: bytes, served: bytes | None, limits: Limits, now: datetime
) -> Verdict:
    """Check a candidate against the contract and against the served version.

    Args:
        candidate: The candidate file.
        served: The public file; `None` if there is none.
        limits: How far each metric may change.
        now: The current time, in UTC.

    Raises:
        ContractError: The candidate is invalid: it breaks the contract or is older than `served`.
    """
    metrics = parse(candidate, now)
    # Any valid candidate may replace a served file that is broken.
    before = parse_if_valid(served, now)
    if before and _newest(metrics) < _newest(before):
        raise ContractError(
            [f"its newest time {_newest(metrics)} is older than the served {_newest(before)}"]
        )
    return Verdict(len(metrics), tuple(compare_metrics(before, metrics, limits)))


def _newest(metrics: list[Metric]) -> datetime:
    return max(metric.updated_at for metric in metrics)
