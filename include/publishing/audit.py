"""The audit of a candidate: what breaks the contract is refused, what is odd needs a person."""

from dataclasses import dataclass
from datetime import datetime

from include.publishing.change_limits import Limits
from include.publishing.contract import ContractError, Metric, parse, parse_if_whole
from include.publishing.differences import Difference, differences


@dataclass(frozen=True)
class Verdict:
    """What the audit found in a candidate that keeps the contract.

    Attributes:
        metrics: How many metrics it has.
        differences: What differs from the served version, the odd ones first.
    """

    metrics: int
    differences: tuple[Difference, ...]

    @property
    def odd(self) -> tuple[Difference, ...]:
        """The differences that a person has to look at."""
        return tuple(one for one in self.differences if one.odd)


def audit(candidate: bytes, served: bytes | None, limits: Limits, now: datetime) -> Verdict:
    """Judge a candidate against the contract and against what is served.

    Args:
        candidate: The candidate file.
        served: The file that is public now; null if there is none.
        limits: How far each metric may change.
        now: The time of day, in UTC.

    Raises:
        ContractError: The candidate breaks the contract, or is older than what is served.
    """
    metrics = parse(candidate, now)
    # Any good candidate mends a served file that is broken.
    before = parse_if_whole(served, now)
    if before and _newest(metrics) < _newest(before):
        raise ContractError(
            [f"its newest time {_newest(metrics)} is older than the served {_newest(before)}"]
        )
    return Verdict(len(metrics), tuple(differences(before, metrics, limits)))


def _newest(metrics: list[Metric]) -> datetime:
    return max(metric.updated_at for metric in metrics)
