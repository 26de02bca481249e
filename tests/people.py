"""What people do in Airflow's UI: trigger, clear, mark, pause, answer, restore, release.

Every story uses these, with whatever runs the tasks: Airflow's own scheduler (`end_to_end`) or the
one in this process (`tests/scheduling`). They send the requests that the UI sends.
"""

from dataclasses import dataclass
from typing import Literal

from include.pipeline.restore import RELEASE, RESTORE
from local.airflow_api import AirflowApi, Question, Run

Mark = Literal["success", "failed", "skipped"]


@dataclass(frozen=True)
class People:
    """People who are logged in.

    Attributes:
        api: Airflow's API.
    """

    api: AirflowApi

    def trigger(self, dag: str, **params: str | bool) -> Run:
        """Start a run with these parameters."""
        return self.api.trigger(dag, **params)

    def clear(self, run: Run, *tasks: str, downstream: bool = True) -> None:
        """Clear tasks of a run, with all tasks after them unless `downstream` is false."""
        body = {
            "dry_run": False,
            "dag_run_id": run.id,
            "task_ids": list(tasks),
            "include_downstream": downstream,
            "only_failed": False,
            "reset_dag_runs": True,
        }
        self.api.send("POST", f"/dags/{run.dag}/clearTaskInstances", body)

    def mark(self, run: Run, task: str, state: Mark) -> None:
        """Mark a task of a run."""
        path = f"/dags/{run.dag}/dagRuns/{run.id}/taskInstances/{task}"
        self.api.send("PATCH", path, {"new_state": state})

    def mark_run(self, run: Run, state: Mark) -> None:
        """Mark a whole run."""
        self.api.send("PATCH", f"/dags/{run.dag}/dagRuns/{run.id}", {"state": state})

    def pause(self, *dags: str) -> None:
        """Pause DAGs."""
        for dag in dags:
            self.api.pause(dag)

    def unpause(self, *dags: str) -> None:
        """Unpause DAGs."""
        for dag in dags:
            self.api.pause(dag, paused=False)

    def questions(self, about: Run | None = None) -> list[Question]:
        """The open questions, oldest first; only those that a publication's run asked."""
        return [
            one
            for one in self.api.open_questions()
            if about is None or one.run.id in (about.id, f"for_{about.id}")
        ]

    def answer(self, question: Question, option: str, reason: str) -> None:
        """Answer a question with the form under *Required actions*."""
        run = question.run
        path = f"/dags/{run.dag}/dagRuns/{run.id}/taskInstances/{question.task}/-1/hitlDetails"
        body = {"chosen_options": [option], "params_input": {"reason": reason}}
        self.api.send("PATCH", path, body)

    def restore(self, version: str, reason: str) -> Run:
        """Restore a version, which holds publishing."""
        return self.trigger("restore_metrics", action=RESTORE, version=version, reason=reason)

    def release(self, reason: str) -> Run:
        """Release the hold."""
        return self.trigger("restore_metrics", action=RELEASE, reason=reason)

    def runs(self, dag: str) -> list[Run]:
        """Every run of a DAG, oldest first."""
        found = self.api.get(f"/dags/{dag}/dagRuns", order_by="id", limit=100)
        return [Run.from_json(run) for run in found["dag_runs"]]

    def newest_runs(self) -> list[Run]:
        """The newest run of each DAG that ever ran."""
        found = [
            self.api.get(f"/dags/{dag}/dagRuns", order_by="-id", limit=1)["dag_runs"]
            for dag in sorted(self.api.dags())
        ]
        return [Run.from_json(run) for runs in found for run in runs]

    def states(self, run: Run, *tasks: str) -> dict[str, str]:
        """The state of each task of a run, by its id; only of these, if any are named."""
        return {
            task.id: task.state for task in self.api.tasks(run) if not tasks or task.id in tasks
        }
