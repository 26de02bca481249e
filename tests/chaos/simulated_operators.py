"""Simulates the operators of the pipeline: they answer questions and clear failed tasks."""

import random
from collections import Counter

from include.pipeline.approve import HOLD, PUBLISH
from include.pipeline.audit import CANDIDATE
from include.publishing.versions import AuditedCandidate
from local.airflow_api import Question, Run
from tests.people import People
from tests.scheduling.runs import PUBLICATION

# The probability that they mark a failed task as success instead of clearing it; and that they
# pause the publication in an hour, until the next one.
MARKS, PAUSES = 0.2, 0.08
# The longest time until somebody reacts.
MAX_DELAY_HOURS = 2
# After so many times the operators wait for the next run.
MAX_CLEARS = 2
BROKEN = ("failed", "upstream_failed")


class SimulatedOperators:
    """The operators; all their actions follow from the seed.

    Attributes:
        approved: The metrics with an approved suspicious change, by the hash of the candidate.
        answers: The number of times that each option was chosen.
        cleared: The number of times that each run was cleared.
        marked: The number of tasks that were marked as success.
        pauses: The number of times that the publication was paused.
        paused: Whether it is paused.
    """

    def __init__(self, seed: int, people: People) -> None:
        self._seed = seed
        self._people = people
        self._due: dict[str, int] = {}
        self.approved: dict[str, frozenset[str]] = {}
        self.answers: Counter[str] = Counter()
        self.cleared: Counter[str] = Counter()
        self.marked = 0
        self.pauses = 0
        self.paused = False

    def act(self, hour: int, *, at_once: bool = False) -> bool:
        """Do what is due in this hour; return whether anything was.

        Args:
            hour: The number of the hour.
            at_once: Do everything now, and answer every question with *Publish*.
        """
        if not at_once:
            self._pause_or_unpause(hour)
        questions = sorted(self._people.questions(), key=lambda one: one.run.id)
        due = [one for one in questions if self._is_due(one.run, hour, at_once)]
        for question in due:
            self._answer(question, at_once)
        failed = [run for run in self._failed() if self._is_due(run, hour, at_once)]
        cleared = [self._clear(run) for run in failed]
        return bool(due) or any(cleared)

    def questions(self) -> list[Question]:
        """The questions that wait for an answer."""
        return self._people.questions()

    def unpause(self) -> None:
        """Let the publication run again."""
        self._people.unpause(PUBLICATION)
        self.paused = False

    def _pause_or_unpause(self, hour: int) -> None:
        if self.paused:
            self.unpause()
        elif self._random(f"pause {hour}").random() < PAUSES:
            self._people.pause(PUBLICATION)
            self.paused = True
            self.pauses += 1

    def _is_due(self, run: Run, hour: int, at_once: bool) -> bool:
        key = f"{run.dag} {run.id}"
        delay = self._random(f"{key} delay").randint(0, MAX_DELAY_HOURS)
        return at_once or hour >= self._due.setdefault(key, hour + delay)

    def _answer(self, question: Question, at_once: bool) -> None:
        run = question.run
        conf = self._people.api.get(f"/dags/{run.dag}/dagRuns/{run.id}")["conf"]
        candidate = AuditedCandidate.from_json(conf[CANDIDATE])
        approves = at_once or self._random(f"{run.id} answer").random() < 0.7
        if approves:
            metrics = frozenset(difference.metric for difference in candidate.suspicious)
            self.approved[candidate.version.sha256] = metrics
        chosen = PUBLISH if approves else HOLD
        self.answers[chosen] += 1
        self._people.answer(question, chosen, "Compared with the source's own site")

    def _failed(self) -> list[Run]:
        """The newest run of each DAG, if it failed; nobody clears older ones."""
        return [run for run in self._people.newest_runs() if run.state == "failed"]

    def _clear(self, run: Run) -> bool:
        """Clear the failed tasks of a run, unless that was done too often."""
        if self.cleared[run.id] >= MAX_CLEARS:
            return False
        self.cleared[run.id] += 1
        states = self._people.states(run)
        broken = {task for task, state in states.items() if state in BROKEN}
        [first, *_] = sorted(task for task, state in states.items() if state == "failed")
        if self._random(f"{run.dag} {run.id} mark {self.cleared[run.id]}").random() < MARKS:
            self.marked += 1
            self._people.mark(run, first, "success")
            broken.discard(first)
            if not broken:
                return True
        self._people.clear(run, *sorted(broken), downstream=False)
        return True

    def _random(self, key: str) -> random.Random:
        return random.Random(f"{self._seed}/operators/{key}")
