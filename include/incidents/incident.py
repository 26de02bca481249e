"""An incident: problems of one cause, from the first until the last of them is over."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

from include.incidents.alert_types import ALERT_TYPES, AlertType
from include.incidents.severity import HIGH, LOW, Assessment

# The scopes that are checked as a whole: a problem that is not found again is over.
TASKS, PUBLIC_FILE, DAGS = "tasks", "public file", "DAGs"
# A cause that returns within this time reopens its incident.
MAY_RETURN = timedelta(hours=6)


class Event(Enum):
    """An event of an incident: each is logged, and most are posted to Slack."""

    OPENED = "opened"
    ESCALATED = "escalated"
    RETURNED = "returned"
    REMINDED = "reminded"
    HANDED_OVER = "handed over"
    RATED = "rated"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Problem:
    """A failed task or a finding of the watch.

    Attributes:
        key: Its identity, for example `usace.load` or `public file: altered`.
        scope: `TASKS`, `PUBLIC_FILE`, `DAGS` or another one that the watch checks as a whole.
        cause: The fingerprint that problems of one cause share.
        kind: The name of its alert type.
        error: The error or the finding, in one line.
        assessment: What the public sees, as far as this problem is the reason.
        at: When it was seen, in UTC.
        details: More lines.
        dag, task, run, tries, log_url: The failed task; empty for a finding without one.
        is_posted: Whether Slack has it already, from a process without the storage account.
        is_deliberate: Whether a person wants this state, so that a reminder a week is enough.
    """

    key: str
    scope: str
    cause: str
    kind: str
    error: str
    assessment: Assessment
    at: datetime
    details: tuple[str, ...] = ()
    dag: str = ""
    task: str = ""
    run: str = ""
    tries: int = 0
    log_url: str = ""
    is_posted: bool = False
    is_deliberate: bool = False

    @property
    def is_task(self) -> bool:
        """True for a failed task, false for a finding."""
        return self.scope == TASKS

    @property
    def attempt(self) -> tuple[str, str, int]:
        """The failed attempt: the task, its run and the number of the try."""
        return self.key, self.run, self.tries

    @property
    def run_url(self) -> str:
        """The run in the Airflow UI."""
        return self.log_url.split("/tasks/")[0]


@dataclass(frozen=True)
class Rating:
    """A severity that a person has set.

    Attributes:
        severity: `high` or `low`.
    """

    severity: str
    person: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Incident:
    """An incident, as it is stored.

    Attributes:
        id: Its identifier; identifiers sort by time.
        cause: The fingerprint of its cause.
        problems: Those that are not over, the last failure of each; those that were the last to
            end once it is closed.
        latest: The last problem that was seen.
        opened_at, seen_at, posted_at: The times of the first problem, of the last one, and of the
            last Slack message (UTC).
        failures: The number of failed attempts of tasks.
        returns: How often it was reopened.
        rating: The severity that a person has set.
        closed_at, ended_by: When it was closed and why; `None` and empty while it is open.
        responder: The name of the person or group to respond.
        issue_url: The GitHub issue that was created for it; empty without one.
    """

    id: str
    cause: str
    problems: tuple[Problem, ...]
    latest: Problem
    opened_at: datetime
    seen_at: datetime
    posted_at: datetime
    failures: int = 1
    returns: int = 0
    rating: Rating | None = None
    closed_at: datetime | None = None
    ended_by: str = ""
    responder: str = ""
    issue_url: str = ""

    @property
    def kind(self) -> str:
        """The name of its alert type."""
        return self.latest.kind

    @property
    def alert_type(self) -> AlertType:
        """Its alert type."""
        return ALERT_TYPES[self.kind]

    @property
    def is_open(self) -> bool:
        """True until all of its problems are over."""
        return self.closed_at is None

    @property
    def dags(self) -> tuple[str, ...]:
        """The DAGs of its problems."""
        return tuple(dict.fromkeys(one.dag for one in self.problems if one.dag))

    @property
    def tasks(self) -> tuple[str, ...]:
        """The failed tasks, for example `usace.load`."""
        return tuple(one.key for one in self.problems if one.is_task)

    @property
    def assessment(self) -> Assessment:
        """The assessment of the problem with the greatest impact."""
        found = (one.assessment for one in self.problems)
        return max(found, key=lambda each: each.impact.rank, default=self.latest.assessment)

    @property
    def affected(self) -> tuple[str, ...]:
        """The public metrics that its problems affect."""
        names = (name for one in self.problems for name in one.assessment.affected)
        return tuple(dict.fromkeys(names))

    def severity(self, now: datetime) -> str:
        """`high` or `low`: what a person has set, else by its impact."""
        if self.rating:
            return self.rating.severity
        return HIGH if self.assessment.is_high(now) else LOW

    def is_high(self, now: datetime) -> bool:
        """True if its severity is high."""
        return self.severity(now) == HIGH

    def knows(self, attempt: tuple[str, str, int]) -> bool:
        """True if a failed attempt is one of its problems."""
        return any(one.attempt == attempt for one in (*self.problems, self.latest))

    def with_problem(self, problem: Problem) -> "Incident":
        """The incident after a problem of its cause was seen, once more or for the first time."""
        others = tuple(one for one in self.problems if self.is_open and one.key != problem.key)
        return replace(
            self,
            problems=(*others, problem),
            latest=problem,
            seen_at=max(self.seen_at, problem.at),
            failures=self.failures + problem.is_task,
            # What a person said of a cause holds until it is over.
            rating=self.rating if self.is_open else None,
            closed_at=None,
            ended_by="",
        )

    def without(self, over: Iterable[str], why: str, now: datetime) -> "Incident":
        """The incident without the problems of these keys; closed if none is left."""
        gone = frozenset(over)
        left = tuple(one for one in self.problems if one.key not in gone)
        if left:
            return replace(self, problems=left)
        return replace(self, closed_at=now, ended_by=why)


def new_incident(problem: Problem, now: datetime) -> Incident:
    """The incident that a problem opens."""
    return Incident(
        id=f"{now:%Y%m%dT%H%M%SZ}-{problem.kind}-{sha256(problem.cause.encode()).hexdigest()[:8]}",
        cause=problem.cause,
        problems=(problem,),
        latest=problem,
        opened_at=problem.at,
        seen_at=problem.at,
        posted_at=now,
        failures=int(problem.is_task),
    )
