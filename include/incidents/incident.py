"""An incident: one cause, from its first failure until what failed has succeeded."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from include.incidents.alert_types import KINDS, Kind
from include.incidents.failure import Failure
from include.incidents.severity import Judgement

# After the first message: the same failure is told again after these times, then every day.
REMIND_AFTER = (timedelta(hours=4), timedelta(hours=12))
REMIND_EVERY = timedelta(hours=24)
LONGEST_LIST = 10


@dataclass(frozen=True)
class Incident:
    """What is remembered of an incident while it is open, and logged.

    Attributes:
        id: Its name; names sort by time.
        cause: The fingerprint of its cause.
        kind: The name of its kind of alert.
        tasks: The tasks that have failed and not succeeded since.
        runs: In how many runs it was met.
        opened_at, failed_at, told_at: When it began, was last met and last told of (UTC).
        reminders: How often it was told of after the first time.
        issue_url: The GitHub issue that was created for it; empty if none was.
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
    sees: str
    affected: tuple[str, ...]
    opened_at: datetime
    failed_at: datetime
    told_at: datetime
    runs: int = 1
    reminders: int = 0
    responder: str = ""
    issue_url: str = ""
    closed_at: datetime | None = None

    @property
    def alert(self) -> Kind:
        """Its kind of alert."""
        return KINDS[self.kind]

    @property
    def high(self) -> bool:
        """Whether the public sees something wrong."""
        return self.severity == "high"

    def again(self, failure: Failure, judgement: Judgement) -> "Incident":
        """The incident after the same cause was met once more."""
        same_run = failure.run == self.run
        details = self.details + tuple(one for one in failure.details if one not in self.details)
        return replace(
            self,
            tasks=tuple(dict.fromkeys((*self.tasks, failure.task))),
            run=failure.run,
            tries=failure.tries,
            error=self.error if same_run else failure.error,
            details=(details if same_run else failure.details)[:LONGEST_LIST],
            log_url=self.log_url if same_run else failure.log_url,
            run_url=failure.run_url,
            severity=judgement.severity,
            why=judgement.why,
            sees=judgement.sees,
            affected=judgement.affected,
            failed_at=failure.at,
            runs=self.runs + (not same_run),
        )

    def is_due(self, now: datetime) -> bool:
        """Whether it has to be told of again."""
        wait = REMIND_AFTER[self.reminders] if self.reminders < len(REMIND_AFTER) else REMIND_EVERY
        return now - self.told_at >= wait

    def without(self, task: str) -> "Incident":
        """The incident after one of its tasks has succeeded."""
        return replace(self, tasks=tuple(one for one in self.tasks if one != task))

    def as_dict(self) -> dict[str, Any]:
        """The incident, ready for JSON."""
        found = asdict(self)
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in found.items()
        }


def opened(failure: Failure, judgement: Judgement) -> Incident:
    """The incident that a failure begins."""
    return Incident(
        id=f"{failure.at:%Y%m%dT%H%M%SZ}-{failure.dag}-{failure.cause}",
        cause=failure.cause,
        kind=failure.kind.name,
        dag=failure.dag,
        tasks=(failure.task,),
        run=failure.run,
        tries=failure.tries,
        error=failure.error,
        details=failure.details[:LONGEST_LIST],
        log_url=failure.log_url,
        run_url=failure.run_url,
        severity=judgement.severity,
        why=judgement.why,
        sees=judgement.sees,
        affected=judgement.affected,
        opened_at=failure.at,
        failed_at=failure.at,
        told_at=failure.at,
    )


def from_dict(found: Mapping[str, Any]) -> Incident:
    """The incident that `as_dict` wrote."""
    kept = {each.name: found[each.name] for each in fields(Incident) if each.name in found}
    for name in ("opened_at", "failed_at", "told_at", "closed_at"):
        if kept.get(name):
            kept[name] = datetime.fromisoformat(kept[name])
    for name in ("tasks", "details", "affected"):
        kept[name] = tuple(kept[name])
    return Incident(**kept)
