"""Calls a task's function as the task runner does, with a context that a test has made."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from airflow.sdk import Context, XComArg
from airflow.sdk.execution_time.context import set_current_context

from include.pipeline.defaults import SOURCE_ASSETS
from tests.publishing.samples import NOW

RUN = "manual__2026-11-24T15:00:00+00:00"
RETRIES = 2


class Instance:
    """A running task's instance, which remembers what the task pushed.

    Attributes:
        pushed: The pushed XComs by key.
    """

    def __init__(
        self,
        dag: str,
        task: str,
        *,
        run: str,
        tries: int,
        cleared: bool,
        asking: Collection[str],
        xcoms: Mapping[Any, Any],
    ) -> None:
        self.dag_id, self.task_id, self.run_id = dag, task, run
        self.try_number, self.start_date = tries, NOW
        self.max_tries = tries + RETRIES if cleared else RETRIES
        self.pushed: dict[str, Any] = {}
        self._xcoms, self._asking = xcoms, asking

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self._xcoms.get((task_ids, key))

    def get_dr_count(
        self, dag_id: str, *, run_ids: list[str] | None = None, states: list[str] | None = None
    ) -> int:
        assert states, "runs that have ended count only if a task asks for them"
        return len(set(run_ids or ()) & set(self._asking)) if dag_id == "approve_change" else 0


def context_of(
    dag: str = "usace",
    task: str = "load",
    *,
    run: str = RUN,
    run_after: datetime = NOW,
    tries: int = 1,
    cleared: bool = False,
    asking: Collection[str] = (),
    by: str | None = None,
    xcoms: Mapping[tuple[str, str], Any] | None = None,
    conf: Mapping[str, Any] | None = None,
    events: Sequence[Mapping[str, Any] | None] = (),
    after: Sequence[str] = (),
    **params: Any,
) -> Context:
    """The context of a scheduled run's task.

    Args:
        dag: The DAG.
        task: The task.
        run: The run's id.
        run_after: When the run was triggered.
        tries: The number of its attempt.
        cleared: Whether somebody cleared the task after it had ended.
        asking: The runs of `approve_change` that wait for an answer.
        by: Who triggered the run.
        xcoms: The XComs of other tasks, by task and key.
        conf: The run's configuration.
        events: What is stored with the asset of the source, newest first.
        after: The ids of the tasks after it.
        params: The run's parameters.
    """
    inlets = SimpleNamespace(
        ascending=lambda up: SimpleNamespace(
            limit=lambda count: [
                SimpleNamespace(extra=extra) for extra in ([] if up else events[:count])
            ]
        )
    )
    downstream = [SimpleNamespace(task_id=each) for each in after]
    given: dict[str, Any] = {
        "run_id": run,
        "params": params,
        "dag_run": SimpleNamespace(
            dag_id=dag,
            run_id=run,
            logical_date=NOW,
            run_after=run_after,
            start_date=NOW,
            conf=conf,
            triggering_user_name=by,
        ),
        "ti": Instance(
            dag, task, run=run, tries=tries, cleared=cleared, asking=asking, xcoms=xcoms or {}
        ),
        "task": SimpleNamespace(
            task_id=task,
            retries=RETRIES,
            get_flat_relatives=lambda upstream: [] if upstream else downstream,
        ),
        "inlet_events": {SOURCE_ASSETS[dag]: inlets} if dag in SOURCE_ASSETS else {},
        "outlet_events": {asset: SimpleNamespace(extra={}) for asset in SOURCE_ASSETS.values()},
        "triggering_asset_events": {},
    }
    given["task_instance"] = given["ti"]
    return cast("Context", given)


def pushed(context: Context) -> dict[str, Any]:
    """What the task pushed, by key."""
    instance: Any = context["ti"]
    return cast("dict[str, Any]", instance.pushed)


def operator_of(task: XComArg) -> Any:
    """The operator of a task whose result is passed on."""
    return next(operator for operator, _ in task.iter_references())


def call(task: XComArg, context: Context, *values: Any) -> Any:
    """Call the function of a task; return its result."""
    with set_current_context(context):
        return operator_of(task).python_callable(*values)
