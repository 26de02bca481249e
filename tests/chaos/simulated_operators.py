"""The people around the pipeline: they answer questions, clear what failed, restore a version."""

import random
from collections import Counter
from typing import Any

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
# An hour or two pass before somebody comes to it.
LATEST_HOURS = 2
# After so many times they wait for the next run.
CLEARED_AT_MOST = 2
BROKEN = (TaskInstanceState.FAILED, TaskInstanceState.UPSTREAM_FAILED)
# What failed here has to be audited anew: the served file may be another one by now.
AFTER_AUDIT = ("promote", "ask_a_person", "verify", "record")


class People:
    """Everything that they do follows from the seed.

    Attributes:
        approved: The metrics whose odd change somebody approved, by the hash of the candidate.
        answers: How often each option was chosen.
        cleared: How often each run was cleared.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._due: dict[str, int] = {}
        self.approved: dict[str, frozenset[str]] = {}
        self.answers: Counter[str] = Counter()
        self.cleared: Counter[str] = Counter()

    def act(self, hour: int, *, at_once: bool = False) -> bool:
        """Do what is due in this hour; whether anything was.

        Args:
            at_once: They come to everything now, and publish whatever they are asked about.
        """
        answered = [
            self._answer(ti, at_once) for ti in _waiting() if self._is_due(ti, hour, at_once)
        ]
        cleared = [self._clear(run) for run in _failed() if self._is_due(run, hour, at_once)]
        return any(answered) or any(cleared)

    def _is_due(self, what: Any, hour: int, at_once: bool) -> bool:
        key = f"{what.dag_id} {what.run_id}"
        delay = self._dice(f"{key} delay").randint(0, LATEST_HOURS)
        return at_once or hour >= self._due.setdefault(key, hour + delay)

    def _answer(self, ti: TaskInstance, at_once: bool) -> bool:
        with create_session() as session:
            run = session.scalars(
                select(DagRun).filter_by(dag_id=ti.dag_id, run_id=ti.run_id)
            ).one()
            candidate = AuditedCandidate.from_json((run.conf or {})[CANDIDATE])
            approves = at_once or self._dice(f"{ti.run_id} answer").random() < 0.7
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
        """*Clear task* on what failed, as often as somebody has patience for it."""
        if self.cleared[run.run_id] >= CLEARED_AT_MOST:
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

    def _dice(self, key: str) -> random.Random:
        return random.Random(f"{self._seed}/people/{key}")


def _waiting() -> list[TaskInstance]:
    asked = select(TaskInstance).filter_by(state=TaskInstanceState.AWAITING_INPUT)
    with create_session() as session:
        found = list(session.scalars(asked.order_by(TaskInstance.run_id)))
        session.expunge_all()
        return found


def _failed() -> list[DagRun]:
    """The newest run of each DAG, where it failed: of an older one nobody cares any more."""
    with create_session() as session:
        newest = {run.dag_id: run for run in session.scalars(select(DagRun).order_by(DagRun.id))}
        session.expunge_all()
    return [run for run in newest.values() if run.state == DagRunState.FAILED]
