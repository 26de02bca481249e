"""Simulates the operators of the pipeline: they answer questions and clear failed tasks."""

import random
from collections import Counter

from include.pipeline.approve import HOLD, PUBLISH
from include.pipeline.audit import CANDIDATE
from include.publishing.versions import AuditedCandidate
from local.airflow_api import Question, Run
from tests.people import People

# The longest time until somebody reacts.
MAX_DELAY_HOURS = 2
# After so many times the operators wait for the next run.
MAX_CLEARS = 2
BROKEN = ("failed", "upstream_failed")
# A failure of one of these needs another audit: the published file may have changed meanwhile.
AFTER_AUDIT = ("promote", "ask_a_person", "verify", "record")


class SimulatedOperators:
    """The operators; all their actions follow from the seed.

    Attributes:
        approved: The metrics with an approved suspicious change, by the hash of the candidate.
        answers: The number of times that each option was chosen.
        cleared: The number of times that each run was cleared.
    """

    def __init__(self, seed: int, people: People) -> None:
        self._seed = seed
        self._people = people
        self._due: dict[str, int] = {}
        self.approved: dict[str, frozenset[str]] = {}
        self.answers: Counter[str] = Counter()
        self.cleared: Counter[str] = Counter()

    def act(self, hour: int, *, at_once: bool = False) -> bool:
        """Do what is due in this hour; return whether anything was.

        Args:
            hour: The number of the hour.
            at_once: Do everything now, and answer every question with *Publish*.
        """
        questions = sorted(self._people.questions(), key=lambda one: one.run.id)
        due = [one for one in questions if self._is_due(one.run, hour, at_once)]
        for question in due:
            self._answer(question, at_once)
        failed = [run for run in self._failed() if self._is_due(run, hour, at_once)]
        cleared = [self._clear(run) for run in failed]
        return bool(due) or any(cleared)

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
        if broken & set(AFTER_AUDIT):
            broken = states.keys() & {"audit", *AFTER_AUDIT}
        self._people.clear(run, *sorted(broken), downstream=False)
        return True

    def _random(self, key: str) -> random.Random:
        return random.Random(f"{self._seed}/operators/{key}")
