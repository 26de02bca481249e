"""Simulates the operators of the pipeline: they answer questions and clear failed tasks."""

import random
from collections import Counter

from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance, clear_task_instances
from airflow.models.trigger import handle_event_submit
from airflow.sdk import timezone
from airflow.triggers.base import TriggerEvent
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from sqlalchemy import select

from include.pipeline.approve import HOLD, PUBLISH
from include.pipeline.audit import CANDIDATE
from include.publishing.versions import AuditedCandidate

NAME = "Pat Example"
# The longest time until somebody reacts.
MAX_DELAY_HOURS = 2
# After so many times the operators wait for the next run.
MAX_CLEARS = 2
BROKEN = (TaskInstanceState.FAILED, TaskInstanceState.UPSTREAM_FAILED)
# A failure of one of these needs another audit: the published file may have changed meanwhile.
AFTER_AUDIT = ("promote", "ask_a_person", "verify", "record")


class SimulatedOperators:
    """The operators; all their actions follow from the seed.

    Attributes:
        approved: The metrics with an approved suspicious change, by the hash of the candidate.
        answers: The number of times that each option was chosen.
        cleared: The number of times that each run was cleared.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
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
        answered = [
            self._answer(ti, at_once) for ti in _waiting() if self._is_due(ti, hour, at_once)
        ]
        cleared = [self._clear(run) for run in _failed() if self._is_due(run, hour, at_once)]
        return any(answered) or any(cleared)

    def _is_due(self, item: TaskInstance | DagRun, hour: int, at_once: bool) -> bool:
        key = f"{item.dag_id} {item.run_id}"
        delay = self._random(f"{key} delay").randint(0, MAX_DELAY_HOURS)
        return at_once or hour >= self._due.setdefault(key, hour + delay)

    def _answer(self, ti: TaskInstance, at_once: bool) -> bool:
        with create_session() as session:
            run = session.scalars(
                select(DagRun).filter_by(dag_id=ti.dag_id, run_id=ti.run_id)
            ).one()
            candidate = AuditedCandidate.from_json((run.conf or {})[CANDIDATE])
            approves = at_once or self._random(f"{ti.run_id} answer").random() < 0.7
            if approves:
                metrics = frozenset(difference.metric for difference in candidate.suspicious)
                self.approved[candidate.version.sha256] = metrics
            chosen = PUBLISH if approves else HOLD
            self.answers[chosen] += 1
            detail = session.scalars(select(HITLDetail).filter_by(ti_id=ti.id)).one()
            detail.responded_by = {"id": "pat", "name": NAME}
            detail.responded_at = timezone.utcnow()
            detail.chosen_options = [chosen]
            detail.params_input = {"reason": "Compared with the source's own site"}
            payload = detail.as_resume_event_payload()
            event = TriggerEvent(payload)  # type: ignore[no-untyped-call]
            handle_event_submit(event, task_instance=session.merge(ti), session=session)
        return True

    def _clear(self, run: DagRun) -> bool:
        """Clear the failed tasks of a run, unless that was done too often."""
        if self.cleared[run.run_id] >= MAX_CLEARS:
            return False
        self.cleared[run.run_id] += 1
        with create_session() as session:
            found = select(TaskInstance).filter_by(dag_id=run.dag_id, run_id=run.run_id)
            of_run = list(session.scalars(found))
            broken = [ti for ti in of_run if ti.state in BROKEN]
            if any(ti.task_id in AFTER_AUDIT for ti in broken):
                broken = [ti for ti in of_run if ti.task_id in ("audit", *AFTER_AUDIT)]
            clear_task_instances(broken, session, dag_run_state=DagRunState.QUEUED)
        return True

    def _random(self, key: str) -> random.Random:
        return random.Random(f"{self._seed}/operators/{key}")


def _waiting() -> list[TaskInstance]:
    waiting = select(TaskInstance).filter_by(state=TaskInstanceState.AWAITING_INPUT)
    with create_session() as session:
        found = list(session.scalars(waiting.order_by(TaskInstance.run_id)))
        session.expunge_all()
        return found


def _failed() -> list[DagRun]:
    """The newest run of each DAG, if it failed; nobody clears older ones."""
    with create_session() as session:
        newest = {run.dag_id: run for run in session.scalars(select(DagRun).order_by(DagRun.id))}
        session.expunge_all()
    return [run for run in newest.values() if run.state == DagRunState.FAILED]
