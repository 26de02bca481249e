"""The policies for DAGs: a function for each, which finds every breach and says how to fix it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG
from airflow.sdk.bases.decorator import DecoratedOperator

from include.incidents.notify import notify_failure

OWNER = "ddrc"
# Responders filter by these tags. Add a new one here.
TAGS = {"source", "arcgis", "json", "fivetran", "publication", "history", "maintenance"}
HEADINGS = ("### What breaks", "### What to do")
FEWEST_RETRIES = 2
LONGEST = timedelta(minutes=40)
# The only DAGs with several active runs: one person's answer does not wait for another's.
SIDE_BY_SIDE = {"approve_change", "restore_metrics", "set_severity"}

DEFAULTS = "use the defaults in include/pipeline/defaults.py"

Rule = Callable[[DAG], Iterator[str]]


def owner(dag: DAG) -> Iterator[str]:
    """Every task has the owner that Airflow's UI shows."""
    for task in dag.tasks:
        if task.owner != OWNER:
            yield f"{task.task_id} belongs to {task.owner!r}, not {OWNER!r}: {DEFAULTS}"


def tags(dag: DAG) -> Iterator[str]:
    """Every DAG has a tag, and every tag is a known one."""
    listed = ", ".join(sorted(TAGS))
    if not dag.tags:
        yield f"has no tag: give it one of {listed}"
    for tag in sorted(set(dag.tags) - TAGS):
        yield f"has the tag {tag!r}: use one of {listed}, or add it to tests/dags/policies.py"


def headings(dag: DAG) -> Iterator[str]:
    """Every DAG documents in the UI what it does, what breaks, and what to do."""
    text = dag.doc_md or ""
    if not text.strip().startswith("### What "):
        yield "its doc_md does not begin with a heading '### What …' that says what it does"
    for heading in HEADINGS:
        if heading not in text:
            yield f"its doc_md has no heading {heading!r}: write one, and doc_md=__doc__"


def retries(dag: DAG) -> Iterator[str]:
    """Every task retries, with growing waits, so that it survives a short outage."""
    for task in dag.tasks:
        if (task.retries or 0) < FEWEST_RETRIES or not task.retry_exponential_backoff:
            yield (
                f"{task.task_id} has {task.retries} retries and growing waits:"
                f" {bool(task.retry_exponential_backoff)}. It needs at least {FEWEST_RETRIES}, with"
                f" retry_exponential_backoff: {DEFAULTS}"
            )


def time_limit(dag: DAG) -> Iterator[str]:
    """Every task has a time limit."""
    for task in dag.tasks:
        if task.execution_timeout is None or task.execution_timeout > LONGEST:
            yield (
                f"{task.task_id} may run for {task.execution_timeout or 'ever'}: set an"
                f" execution_timeout of at most {LONGEST}, or {DEFAULTS}"
            )


def callbacks(dag: DAG) -> Iterator[str]:
    """Every task reports its failure, quickly; a DAG's own callbacks are not reliable."""
    for task in dag.tasks:
        if task.on_failure_callback != [notify_failure]:
            yield f"{task.task_id} does not report failures with notify_failure: {DEFAULTS}"
        if task.on_success_callback:
            yield f"{task.task_id} has a success callback: the watch finds what is over"


def one_active_run(dag: DAG) -> Iterator[str]:
    """Two runs of a DAG never write the same table or file at the same time."""
    if dag.max_active_runs != 1 and dag.dag_id not in SIDE_BY_SIDE:
        yield (
            f"{dag.max_active_runs} of its runs may be active at once: set max_active_runs=1, or"
            f" {DEFAULTS} (MANUAL is only for DAGs that wait for a person)"
        )


def no_catch_up(dag: DAG) -> Iterator[str]:
    """A DAG does not run for the time while it was paused: only the newest data counts."""
    if dag.catchup:
        yield f"catches up on missed runs: set catchup=False, or {DEFAULTS}"


def file_name(dag: DAG) -> Iterator[str]:
    """A DAG's file has its name."""
    if Path(dag.fileloc).stem != dag.dag_id:
        yield f"is in {Path(dag.fileloc).name}: name the file {dag.dag_id}.py"


def task_name(dag: DAG) -> Iterator[str]:
    """A task's function has the task's name, so that a traceback shows what the UI shows."""
    for task in dag.tasks:
        if isinstance(task, DecoratedOperator):
            name = task.python_callable.__name__
            if name != task.task_id:
                yield f"{task.task_id} is the function {name}: name the function {task.task_id}"


def one_result(dag: DAG) -> Iterator[str]:
    """A task stores its result once, and not each member of a dictionary beside it."""
    for task in dag.tasks:
        # A mapped operator without a function has no such attribute.
        if getattr(task, "multiple_outputs", False):
            yield (
                f"{task.task_id} stores each member of its result, which costs a request and a row"
                " each: give its @task multiple_outputs=False"
            )


RULES: tuple[Rule, ...] = (
    owner,
    tags,
    headings,
    retries,
    time_limit,
    callbacks,
    one_active_run,
    no_catch_up,
    file_name,
    task_name,
    one_result,
)


def breaches(dag: DAG) -> dict[str, list[str]]:
    """The DAG's breaches of each rule, by the rule's name; without the rules that it keeps."""
    found = {rule.__name__: [f"{dag.dag_id}: {one}" for one in rule(dag)] for rule in RULES}
    return {name: lines for name, lines in found.items() if lines}
