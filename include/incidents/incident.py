"""An incident: failures of one cause, from the first until each failed task has succeeded."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from include.incidents.alert_types import ALERT_TYPES, AlertType
from include.incidents.failure import Failure
from include.incidents.severity import HIGH, Assessment

# Waits before the first, the second and each later reminder.
REMIND_AFTER = (timedelta(hours=4), timedelta(hours=12))
REMIND_EVERY = timedelta(hours=24)
MOST_DETAILS = 10


class Event(Enum):
    """An event of an incident: each is posted to Slack and logged."""

    OPENED = "opened"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class Incident:
    """An incident, as it is stored while it is open and logged.

    Attributes:
        id: Its identifier; identifiers sort by time.
        cause: The fingerprint of its cause.
        kind: The name of its alert type.
        tasks: The tasks that have failed and not succeeded since.
        run: The last run with this failure.
        runs: The number of runs with this failure.
        severity, why, public_sees, affected: The last assessment of its severity.
        opened_at, failed_at, notified_at: The times of the first failure, of the last one, and of
            the last Slack message (UTC).
        reminders: The number of Slack messages after the first.
        issue_url: The GitHub issue that was created for it; empty without one.
    """

    id: str
    cause: str
    kind: str
    dag: str
    tasks: tuple[str, ...]
    run: str
    tries: int
    error: str
    details: tuple[str, ...]
    log_url: str
    run_url: str
    severity: str
    why: str
    public_sees: str
    affected: tuple[str, ...]
    opened_at: datetime
    failed_at: datetime
    notified_at: datetime
    runs: int = 1
    reminders: int = 0
    responder: str = ""
    issue_url: str = ""
    closed_at: datetime | None = None

    @property
    def alert_type(self) -> AlertType:
        """Its alert type."""
        return ALERT_TYPES[self.kind]

    @property
    def is_high(self) -> bool:
        """True if the public sees something wrong."""
        return self.severity == HIGH

    def recurred(self, failure: Failure, assessment: Assessment) -> "Incident":
        """The incident after another failure of its cause."""
        same_run = failure.run == self.run
        new_details = tuple(line for line in failure.details if line not in self.details)
        details = self.details + new_details if same_run else failure.details
        return replace(
            self,
            tasks=tuple(dict.fromkeys((*self.tasks, failure.task))),
            run=failure.run,
            tries=failure.tries,
            error=self.error if same_run else failure.error,
            details=details[:MOST_DETAILS],
            log_url=self.log_url if same_run else failure.log_url,
            run_url=failure.run_url,
            severity=assessment.severity,
            why=assessment.why,
            public_sees=assessment.public_sees,
            affected=assessment.affected,
            failed_at=failure.at,
            runs=self.runs + (not same_run),
        )

    def is_reminder_due(self, now: datetime) -> bool:
        """True if it is time to post a reminder."""
        wait = REMIND_AFTER[self.reminders] if self.reminders < len(REMIND_AFTER) else REMIND_EVERY
        return now - self.notified_at >= wait

    def after_success_of(self, task: str) -> "Incident":
        """The incident after one of its tasks has succeeded."""
        return replace(self, tasks=tuple(name for name in self.tasks if name != task))

    def as_dict(self) -> dict[str, Any]:
        """The incident, ready for JSON."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }


def new_incident(failure: Failure, assessment: Assessment) -> Incident:
    """The incident that a failure opens."""
    return Incident(
        id=f"{failure.at:%Y%m%dT%H%M%SZ}-{failure.dag}-{failure.cause}",
        cause=failure.cause,
        kind=failure.alert_type.name,
        dag=failure.dag,
        tasks=(failure.task,),
        run=failure.run,
        tries=failure.tries,
        error=failure.error,
        details=failure.details[:MOST_DETAILS],
        log_url=failure.log_url,
        run_url=failure.run_url,
        severity=assessment.severity,
        why=assessment.why,
        public_sees=assessment.public_sees,
        affected=assessment.affected,
        opened_at=failure.at,
        failed_at=failure.at,
        notified_at=failure.at,
    )


def incident_from_dict(stored: Mapping[str, Any]) -> Incident:
    """The incident that `Incident.as_dict` wrote."""
    values = {field.name: stored[field.name] for field in fields(Incident) if field.name in stored}
    for name in ("opened_at", "failed_at", "notified_at", "closed_at"):
        if values.get(name):
            values[name] = datetime.fromisoformat(values[name])
    for name in ("tasks", "details", "affected"):
        values[name] = tuple(values[name])
    return Incident(**values)
