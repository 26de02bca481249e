"""Severity by evidence: what the public sees.

High: the public file is wrong, altered, missing or unreachable. In business hours also: values of
the problem's own source are late. Everything else is low.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from include.incidents.business_hours import in_business_hours
from include.incidents.text import join_names
from include.sources import SOURCES
from include.times import california_time
from include.transform_project import metric_definitions

HIGH, LOW = "high", "low"
MOST_NAMES = 3
# The watch has run three times by then.
CHECK_IS_OLD = timedelta(minutes=45)


class Impact(Enum):
    """What the public sees because of a problem."""

    NONE = "none"
    LATE = "late"
    WRONG = "wrong"

    @property
    def rank(self) -> int:
        """The order of impacts: wrong is greater than late, late than none."""
        return list(Impact).index(self)


@dataclass(frozen=True)
class Assessment:
    """The impact of a problem, with its reason.

    Attributes:
        impact: What the public sees because of it.
        why: The reason, in one sentence.
        public_sees: What the public sees now, in one sentence.
        affected: The public metrics that the problem affects.
    """

    impact: Impact
    why: str
    public_sees: str
    affected: tuple[str, ...] = ()

    def is_high(self, now: datetime) -> bool:
        """True if the severity is high at this time: late values wait for business hours."""
        return self.impact is Impact.WRONG or (
            self.impact is Impact.LATE and in_business_hours(now)
        )


@dataclass(frozen=True)
class LastCheck:
    """What the watch has last seen of the public file.

    Attributes:
        at: When, in UTC.
        wrong: Why the file is wrong, altered, missing or unreachable, a sentence each.
        late: A sentence for each metric that is older than its frequency allows, by its name.
        metrics: The names of its metrics.
        version: The served version's name; empty if unknown.
        not_yet: Whether nothing was published yet.
        earlier: The address of an earlier system's file, while the page reads that one.
    """

    at: datetime
    wrong: tuple[str, ...] = ()
    late: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    version: str = ""
    not_yet: bool = False
    earlier: str = ""


def assess_task(
    dag: str, task: str, kind: str, check: LastCheck | None, now: datetime
) -> Assessment:
    """Assess the impact of a failed task.

    Args:
        dag: The DAG of the failed task.
        task: The failed task.
        kind: The name of the task's alert type.
        check: The last check of the public file; `None` if unknown.
        now: The current time, in UTC.
    """
    affected = affected_metrics(dag, task, check.metrics if check else (), computed_metrics())
    if kind == "verification":
        why = "For 30 seconds, the public address did not serve the version that was promoted."
        return Assessment(Impact.WRONG, why, "An older version, or no data.", affected)
    if check is None or now - check.at > CHECK_IS_OLD:
        last = f" since {california_time(check.at)}" if check else ""
        why = f"Nobody has checked the public file{last}; a failed step leaves it as it was."
        return Assessment(Impact.NONE, why, "Most likely the last good values.", affected)
    if check.earlier or check.not_yet:
        why, sees = "Nothing has been published yet, so nothing wrong is public.", "No file yet."
        if check.earlier:
            why = "Publishing is held until the switch, so no step changes what the public sees."
            sees = f"The earlier system's file, {check.earlier}."
        return Assessment(Impact.NONE, why, sees, affected)
    if check.wrong:
        return Assessment(Impact.WRONG, check.wrong[0], "Wrong data, or no data.", affected)
    late = tuple(name for name in affected if name in check.late)
    if late and _source_of(dag, task) in SOURCES:
        sees = f"Values that are out of date: {join_names(late, MOST_NAMES)}."
        return Assessment(Impact.LATE, check.late[late[0]], sees, late)
    why = "The last good version is still public, and this step has not changed it."
    sees = f"The last good values, checked {california_time(check.at)}."
    return Assessment(Impact.NONE, why, sees, affected)


def affected_metrics(
    dag: str, task: str, published: tuple[str, ...], computed: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """The public metrics that come from a failed step.

    Args:
        dag: The DAG of the failed task.
        task: The failed task.
        published: The metrics in the public file.
        computed: For each source the metrics that are computed from it.
    """
    name = _source_of(dag, task)
    kind = SOURCES[name].metrics if name in SOURCES else None
    if kind == "entered by staff":
        from_rows = {name for names in computed.values() for name in names}
        return tuple(name for name in published if name not in from_rows)
    if kind == "for analysis":
        return ()  # These are not in the public file.
    return computed.get(name, published)


def computed_metrics() -> dict[str, tuple[str, ...]]:
    """For each source the metrics that are computed from it.

    Raises:
        DefinitionError: A mart's YAML is wrong.
    """
    return {
        source: tuple(metric.name for metric in metrics)
        for source, metrics in metric_definitions().items()
    }


def _source_of(dag: str, task: str) -> str:
    """The source that a task works for; another DAG's name if it works for none."""
    return task if dag == "check_freshness" else dag
