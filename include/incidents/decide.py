"""The decision about incidents: from what is seen and what was open to what is open and posted.

A pure function of the incidents, an observation and the time. A failure callback calls it with one
problem; the watch calls it with everything that it has checked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from include.incidents.business_hours import in_business_hours, last_closing, last_reminder
from include.incidents.incident import MAY_RETURN, Event, Incident, Problem, Rating, new_incident
from include.incidents.severity import Impact, LastCheck, assess_task
from include.times import CALIFORNIA
from include.working_days import CLOSES, OPENS

# How often the recovery of a wrong public file is posted although it has returned.
_RETURNS_OF_A_WRONG_FILE = 1
_BY_THE_CLOCK = (Event.REMINDED, Event.HANDED_OVER)


@dataclass(frozen=True)
class Observation:
    """What is seen at a time.

    Attributes:
        at: When the observation began, in UTC.
        problems: The problems that were seen.
        checked: The scopes that were checked as a whole; empty for a callback.
        present: The keys of the problems in these scopes that last, besides `problems`.
        ended_by: Why a problem is over, by its key, where that is known.
        check: The check of the public file, if this is one.
    """

    at: datetime
    problems: tuple[Problem, ...] = ()
    checked: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    ended_by: Mapping[str, str] = field(default_factory=dict)
    check: LastCheck | None = None

    def is_over(self, problem: Problem) -> bool:
        """True if a problem was looked for and not found."""
        is_present = problem.key in self.present or any(
            one.key == problem.key for one in self.problems
        )
        return problem.scope in self.checked and problem.at < self.at and not is_present


class Notice(NamedTuple):
    """An event of one or more incidents: one message.

    Attributes:
        calls: Whether it mentions the person who responds; false if another incident has done so
            for a wrong public file.
    """

    event: Event
    incidents: tuple[Incident, ...]
    calls: bool = True


class Decision(NamedTuple):
    """The next incidents, the messages to post, and events that are logged without a message."""

    incidents: tuple[Incident, ...]
    notices: tuple[Notice, ...]
    quiet: tuple[Notice, ...]


def decide(known: Iterable[Incident], seen: Observation, now: datetime) -> Decision:
    """Decide which incidents are open, and what to post.

    Args:
        known: The open incidents, and those that were closed within `MAY_RETURN`.
        seen: What is seen.
        now: The current time, in UTC.

    Returns:
        The next incidents; one message for each event, which lists the incidents that have it.
    """
    before = tuple(known)
    after = {one.id: _close(_reassess(one, seen.check, now), seen, now) for one in before}
    for problem in seen.problems:
        incident = _incident_of(after.values(), problem, now)
        after[incident.id] = incident
    old = {one.id: one for one in before}
    high = [
        one.assessment.impact
        for one in before
        if one.is_open and one.is_high(now) and after[one.id].is_open
    ]
    # A person who knows of a wrong public file is not called for every other failure too.
    is_called = Impact.WRONG in high
    notices: dict[tuple[Event, bool], Notice] = {}
    for incident in list(after.values()):
        is_known = any(one.rank >= incident.assessment.impact.rank for one in high)
        for event, is_posted in _events(
            old.get(incident.id), incident, seen, now, is_known=is_known
        ):
            if is_posted or event is Event.ESCALATED:
                after[incident.id] = replace(incident, posted_at=now)
            calls = not is_called or event in _BY_THE_CLOCK
            so_far = notices.get((event, is_posted), Notice(event, (), calls))
            listed = (*so_far.incidents, after[incident.id])
            notices[event, is_posted] = so_far._replace(incidents=listed)
    return Decision(
        tuple(one for one in after.values() if not _is_forgotten(one, now)),
        tuple(notice for (_, is_posted), notice in notices.items() if is_posted),
        tuple(notice for (_, is_posted), notice in notices.items() if not is_posted),
    )


def rate(known: Iterable[Incident], name: str, rating: Rating) -> Decision:
    """Set the severity of an open incident, as a person has decided.

    Raises:
        KeyError: No incident of this name is open.
    """
    incidents = {one.id: one for one in known}
    if name not in incidents or not incidents[name].is_open:
        raise KeyError(name)
    incidents[name] = replace(incidents[name], rating=rating, posted_at=rating.at)
    notice = Notice(Event.RATED, (incidents[name],))
    return Decision(tuple(incidents.values()), (notice,), ())


def _reassess(incident: Incident, check: LastCheck | None, now: datetime) -> Incident:
    """The incident after a check: a failed task is not high any more once the file is right."""
    if check is None or check.wrong or not incident.is_open:
        return incident
    problems = (
        replace(one, assessment=assess_task(one.dag, one.task, one.kind, check, now))
        if one.is_task and one.assessment.impact is Impact.WRONG
        else one
        for one in incident.problems
    )
    return replace(incident, problems=tuple(problems))


def _close(incident: Incident, seen: Observation, now: datetime) -> Incident:
    if not incident.is_open:
        return incident
    over = [one.key for one in incident.problems if seen.is_over(one)]
    why = "; ".join(dict.fromkeys(seen.ended_by[key] for key in over if key in seen.ended_by))
    return incident.without(over, why, now) if over else incident


def _incident_of(incidents: Iterable[Incident], problem: Problem, now: datetime) -> Incident:
    """The incident of a problem: the open one of its cause, one that it reopens, or a new one."""
    known = list(incidents)
    if problem.is_task:
        # A callback and the watch may describe one attempt in other words.
        for incident in known:
            if incident.knows(problem.attempt):
                return incident
    same = [one for one in known if one.cause == problem.cause]
    for incident in same:
        if incident.is_open:
            return incident.with_problem(problem)
    if same:
        last = max(same, key=lambda one: one.opened_at)
        return replace(last.with_problem(problem), returns=last.returns + 1)
    return new_incident(problem, now)


def _events(
    before: Incident | None, after: Incident, seen: Observation, now: datetime, *, is_known: bool
) -> Iterator[tuple[Event, bool]]:
    """At most one event of an incident, and whether it is posted."""
    if not after.is_open:
        if before and before.is_open:
            # What comes and goes is over only when it has not returned for a while.
            most_returns = _RETURNS_OF_A_WRONG_FILE if before.is_high(now) else 0
            yield Event.RECOVERED, after.returns <= most_returns
        elif after.closed_at and after.posted_at < after.closed_at and _is_forgotten(after, now):
            yield Event.RECOVERED, True
    elif before is None:
        yield Event.OPENED, not after.latest.is_posted
    elif not before.is_open:
        # A returning cause is quiet, unless people believe that the public file is right again.
        yield Event.RETURNED, after.is_high(now) and after.returns <= _RETURNS_OF_A_WRONG_FILE + 1
    elif after.is_high(now) and not before.is_high(now):
        yield Event.ESCALATED, not is_known
    elif seen.checked and (event := _due_by_the_clock(after, now)):
        yield event, True


def _due_by_the_clock(incident: Incident, now: datetime) -> Event | None:
    """The reminder at an opening hour, or the hand-over of a high severity at closing time."""
    is_high = incident.is_high(now)
    if is_high and not in_business_hours(now) and incident.posted_at < last_closing(now):
        return Event.HANDED_OVER
    is_daytime = OPENS <= now.astimezone(CALIFORNIA).time() < CLOSES
    if not in_business_hours(now) and not (is_high and is_daytime):
        return None
    opening = last_reminder(now, is_high=is_high)
    if incident.latest.is_deliberate:
        opening -= timedelta(days=opening.astimezone(CALIFORNIA).weekday())
    return Event.REMINDED if incident.posted_at < opening else None


def _is_forgotten(incident: Incident, now: datetime) -> bool:
    return incident.closed_at is not None and now - incident.closed_at >= MAY_RETURN
