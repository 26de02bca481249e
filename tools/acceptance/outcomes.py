"""The outcome of a check, and the exceptions by which a check ends without having passed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class Status(Enum):
    """How a check ended."""

    PASS = "PASS"  # noqa: S105 (not a password)
    FAIL = "FAIL"
    NOT_PERMITTED = "NOT PERMITTED"


class CheckFailedError(Exception):
    """The account is not as the pipeline needs it; the message says where."""


class NotPermittedError(Exception):
    """The check needs a credential, a privilege or an object that is not there."""


@dataclass(frozen=True)
class Outcome:
    """What one check has found.

    Attributes:
        check: The check's id.
        subject: The role that it is about; empty if it has none.
        status: How it ended.
        detail: What was found, in one sentence or several lines.
        seconds: How long it took.
        queries: The query ids of its statements, in their order.
    """

    check: str
    subject: str
    status: Status
    detail: str
    seconds: float
    queries: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """The check's id with its subject, for example `grants LOADER`."""
        return f"{self.check} {self.subject}".rstrip()


def expect(condition: object, otherwise: str) -> None:
    """End the check as failed unless a condition holds.

    Raises:
        CheckFailedError: It does not hold; `otherwise` is the message.
    """
    if not condition:
        raise CheckFailedError(otherwise)


def summary(outcomes: Sequence[Outcome]) -> str:
    """The number of checks by outcome."""
    counts = Counter(outcome.status for outcome in outcomes)
    return ", ".join(f"{counts[status]} {status.value}" for status in Status)
