"""Ten simulated days: tasks fail by the clock, callbacks and the watch report, Slack is recorded.

The watch checks every 15 minutes as its two tasks do: first the public file, then Airflow. What
these show is simulated; the problems that are made of it, the decision about them and the choice of
the responder are the pipeline's. The incidents pass through JSON at every step.

Times are in California: `Mon 05 09:27` is that weekday, day of the month and hour.
"""

import random
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from pydantic import TypeAdapter

from include.incidents.decide import Decision, Notice, Observation, decide, rate
from include.incidents.incident import (
    DAGS,
    PUBLIC_FILE,
    TASKS,
    Event,
    Incident,
    Rating,
    new_incident,
)
from include.incidents.on_call import STAFF, choose_responder, parse_rotation
from include.incidents.severity import HIGH, LOW, LastCheck
from include.pipeline.monitor import public_file_problems
from include.publishing.reconcile import Delay
from tests.incidents.clock_oracle import FIRST_TURN, PEOPLE, local, utc
from tests.incidents.error_texts import rendered
from tests.incidents.simulated_problems import Attempt, paused_dag, public_file

HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
# The second task of the watch starts a little later than the first.
BETWEEN_TASKS = timedelta(seconds=20)

_STORED = TypeAdapter(tuple[Incident, ...])
_ROTATION = parse_rotation(
    f'{{hand_over: "09:00", rotations: [{{from: {FIRST_TURN}, days: 7,'
    f" people: [{', '.join(PEOPLE)}]}}]}}"
)
_MENTIONS = {name: f"<@{name}>" for name in (STAFF, *PEOPLE)}


class Message(NamedTuple):
    """A message in Slack: when, what, about which incidents, and who responds."""

    at: datetime
    event: Event
    incidents: tuple[Incident, ...]
    severity: str
    person: str
    is_called: bool

    def __str__(self) -> str:
        keys = [one.key for incident in self.incidents for one in incident.problems]
        about = ", ".join(key.removeprefix("public file: ").removeprefix("DAGs: ") for key in keys)
        # A recovery asks nobody to respond.
        who = f"{'@' * self.is_called}{self.person}" if self.event is not Event.RECOVERED else ""
        severity = self.severity if who else ""
        words = (f"{local(self.at):%a %d %H:%M}", self.event.value, severity, who, about)
        return " ".join(filter(None, words))


class Span(NamedTuple):
    """Something that lasts for a time: its end is not in it."""

    name: str
    begins: datetime
    ends: datetime


class Days:
    """Ten days, or another number of them, from midnight in California.

    Attributes:
        lost: The share of callbacks that never run, as those of killed tasks.
        messages: What Slack has received.
        incidents: The incidents, as they are stored.
        open_after_watch: The causes and problems of the open incidents after each watch.
    """

    def __init__(self, first: date, number: int = 10) -> None:
        self.lost = 0.0
        self.dates = [first + timedelta(days=each) for each in range(number + 1)]
        self.messages: list[Message] = []
        self.incidents: tuple[Incident, ...] = ()
        self.open_after_watch: list[frozenset[tuple[str, frozenset[str]]]] = []
        self._actions: list[tuple[datetime, int, int, Callable[[datetime], None]]] = []
        self._spans: dict[str, list[Span]] = {}
        self._entries: dict[str, list[datetime]] = {}
        self._newest: dict[str, Attempt] = {}
        self._posted_in_hour: set[tuple[str, str]] = set()
        self._check: LastCheck | None = None
        self._number = 0
        self._dice = random.Random(1)

    def time(self, text: str) -> datetime:
        """The UTC time of a text such as `Mon 05 09:27`."""
        day, clock = text.rsplit(" ", 1)
        found = next(one for one in self.dates if f"{one:%a %d}" == day)
        return utc(found, *map(int, clock.split(":")))

    def fails(
        self,
        task: str,
        begins: str,
        ends: str,
        text: str,
        *,
        every: timedelta = HOUR,
        is_green_then: bool = True,
    ) -> None:
        """Let a task fail from a time on, and be green at another time."""
        at, end = self.time(begins), self.time(ends)
        while at < end:
            self._number += 1
            is_lost = self._dice.random() < self.lost
            attempt = Attempt(task, at, rendered(text, self._number), has_callback=not is_lost)
            self._at(at, 1, partial(self._fail, attempt))
            at += every
        if is_green_then:
            self.ends(task, ends, f"{task} is green")

    def ends(self, task: str, at: str, why: str) -> None:
        """Let a task's failure be over, for whatever reason."""
        self._at(self.time(at), 0, lambda _: self._newest[task].end(why))

    def lasts(self, kind: str, name: str, begins: str, ends: str) -> None:
        """Let something last: a `fault`, `delay`, `pause`, `watch down` or `storage down`."""
        self._spans.setdefault(kind, []).append(Span(name, self.time(begins), self.time(ends)))

    def enter(self, metric: str, at: str) -> None:
        """Let a daily metric get a new value."""
        self._entries.setdefault(metric, []).append(self.time(at))

    def rates(self, at: str, severity: str) -> None:
        """Let a person set the severity of the only open incident."""

        def set_severity(now: datetime) -> None:
            [name] = [one.id for one in self.incidents if one.is_open]
            rating = Rating(severity, "Grace", "The county says so.", now)
            self._apply(lambda known: rate(known, name, rating), now)

        self._at(self.time(at), 1, set_severity)

    def run(self) -> list[str]:
        """Run the days.

        Returns:
            The messages, a line each.
        """
        at, end = utc(self.dates[0]), utc(self.dates[-1])
        while at < end:
            self._at(at, 2, self._watch_public_file)
            self._at(at + BETWEEN_TASKS, 2, self._watch_airflow)
            at += QUARTER
        for now, _, _, act in sorted(self._actions, key=lambda one: one[:3]):
            act(now)
        return [str(one) for one in sorted(self.messages, key=lambda one: (one.at, str(one)))]

    def _at(self, at: datetime, order: int, act: Callable[[datetime], None]) -> None:
        self._actions.append((at, order, len(self._actions), act))

    def _now(self, kind: str, now: datetime) -> list[str]:
        return [one.name for one in self._spans.get(kind, ()) if one.begins <= now < one.ends]

    def _fail(self, attempt: Attempt, now: datetime) -> None:
        self._newest[attempt.task] = attempt
        if not attempt.has_callback:
            return
        problem = attempt.problem(self._check, now)
        if not self._now("storage down", now):
            self._apply(lambda known: decide(known, Observation(now, (problem,)), now), now)
            return
        attempt.is_posted = True
        mark = problem.cause, f"{now:%d %H}"
        if mark not in self._posted_in_hour:
            self._posted_in_hour.add(mark)
            alone = attempt.problem(None, now)
            self._post(Notice(Event.OPENED, (new_incident(alone, now),)), now)

    def _watch_public_file(self, now: datetime) -> None:
        if self._now("watch down", now) or self._now("storage down", now):
            return
        found = public_file(self._now("fault", now), self._entries, now)
        delays = [Delay(name, f"{name}.") for name in self._now("delay", now)]
        paused = self._now("pause", now)
        problems = tuple(public_file_problems(found, delays, paused, now))
        self._check = LastCheck(now, found.wrong, dict(found.late), found.metrics)
        seen = Observation(now, problems, frozenset({PUBLIC_FILE}), check=self._check)
        self._apply(lambda known: decide(known, seen, now), now)

    def _watch_airflow(self, now: datetime) -> None:
        if not self._now("watch down", now) and not self._now("storage down", now):
            seen = self._observe_airflow(now)
            self._apply(lambda known: decide(known, seen, now), now)
        self.open_after_watch.append(
            frozenset(
                (one.cause, frozenset(each.key for each in one.problems))
                for one in self.incidents
                if one.is_open
            )
        )

    def _observe_airflow(self, now: datetime) -> Observation:
        paused = self._now("pause", now)
        new, present, ended_by = [paused_dag(dag, now) for dag in paused], set(), {}
        for task, attempt in self._newest.items():
            if why := self._why_over(attempt, paused):
                ended_by[task] = why
                continue
            present.add(task)
            if not any(one.knows(attempt.id) for one in self.incidents):
                new.append(attempt.problem(self._check, now))
        return Observation(
            now - timedelta(minutes=1),
            tuple(new),
            frozenset({TASKS, DAGS}),
            frozenset(present),
            ended_by,
        )

    def _why_over(self, attempt: Attempt, paused: Iterable[str]) -> str:
        dag, _, task = attempt.task.partition(".")
        check = self._check
        if task == "verify" and check and check.at > attempt.at and not check.wrong:
            return "the public address serves the right file"
        return attempt.ended_by or (f"{dag} is paused" if dag in paused else "")

    def _apply(self, make: Callable[[tuple[Incident, ...]], Decision], now: datetime) -> None:
        decision = make(self.incidents)
        if decision.incidents != self.incidents:
            self.incidents = _STORED.validate_json(_STORED.dump_json(decision.incidents))
            assert self.incidents == decision.incidents, "JSON keeps every field"
        for notice in decision.notices:
            self._post(notice, now)

    def _post(self, notice: Notice, now: datetime) -> None:
        is_high = any(one.is_high(now) for one in notice.incidents)
        mentions = _MENTIONS if notice.calls else {}
        who = choose_responder(is_high, now, lambda: _ROTATION, mentions)
        person = "staff" if who.name == STAFF else who.name
        severity = HIGH if is_high else LOW
        self.messages.append(
            Message(now, notice.event, notice.incidents, severity, person, bool(who.mention))
        )
