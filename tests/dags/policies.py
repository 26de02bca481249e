"""The policies of the house: a function for each, which tells every breach and its mending."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG

from include.incidents.notify import notify_failure, notify_success

OWNER = "ddrc"
# A new tag has to mean something to a responder who filters by it: add it here.
TAGS = {"source", "arcgis", "json", "fivetran", "publication", "history"}
HEADINGS = ("### What breaks", "### What to do")
FEWEST_RETRIES = 2
LONGEST = timedelta(minutes=40)
# The only DAGs of which several runs may be under way: people's answers do not wait for each other.
SIDE_BY_SIDE = {"approve_change", "restore_metrics"}

DEFAULTS = "take the DAG's defaults from include/pipeline/defaults.py"

Rule = Callable[[DAG], Iterator[str]]


def owner(dag: DAG) -> Iterator[str]:
    """Every task has the owner that Slack's messages and Airflow's UI know."""
    for task in dag.tasks:
        if task.owner != OWNER:
            yield f"{task.task_id} is owned by {task.owner!r}, not {OWNER!r}: {DEFAULTS}"


def tags(dag: DAG) -> Iterator[str]:
    """Every DAG is found by a tag, and every tag is one that people know."""
    listed = ", ".join(sorted(TAGS))
    if not dag.tags:
        yield f"has no tag: give it one of {listed}"
    for tag in sorted(set(dag.tags) - TAGS):
        yield f"has the tag {tag!r}: use one of {listed}, or add it to tests/dags/policies.py"


def headings(dag: DAG) -> Iterator[str]:
    """A responder reads in the UI what a DAG does, what breaks, and what to do."""
    text = dag.doc_md or ""
    if not text.strip().startswith("### What "):
        yield "its doc_md does not begin with a heading '### What …' that says what it does"
    for heading in HEADINGS:
        if heading not in text:
            yield f"its doc_md has no heading {heading!r}: write one, and doc_md=__doc__"


def retries(dag: DAG) -> Iterator[str]:
    """A short outage mends itself, and the waits in between grow."""
    for task in dag.tasks:
        if (task.retries or 0) < FEWEST_RETRIES or not task.retry_exponential_backoff:
            yield (
                f"{task.task_id} is tried again {task.retries} times, with growing waits:"
                f" {bool(task.retry_exponential_backoff)}; at least {FEWEST_RETRIES}, with"
                f" retry_exponential_backoff: {DEFAULTS}"
            )


def time_limit(dag: DAG) -> Iterator[str]:
    """No task hangs for ever."""
    for task in dag.tasks:
        if task.execution_timeout is None or task.execution_timeout > LONGEST:
            yield (
                f"{task.task_id} may run for {task.execution_timeout or 'ever'}: give it an"
                f" execution_timeout of at most {LONGEST}, or {DEFAULTS}"
            )


def callbacks(dag: DAG) -> Iterator[str]:
    """Slack is told of a failure and of its end. On tasks: a DAG's own are not reliably called."""
    for task in dag.tasks:
        if task.on_failure_callback != [notify_failure]:
            yield f"{task.task_id} does not tell of its failure with notify_failure: {DEFAULTS}"
        if task.on_success_callback != [notify_success]:
            yield f"{task.task_id} does not tell of its recovery with notify_success: {DEFAULTS}"


def one_active_run(dag: DAG) -> Iterator[str]:
    """Two runs of a DAG never write the same table or file side by side."""
    if dag.max_active_runs != 1 and dag.dag_id not in SIDE_BY_SIDE:
        yield (
            f"{dag.max_active_runs} of its runs may be under way at once: max_active_runs=1, as in"
            " include/pipeline/defaults.py (BY_HAND is for the DAGs that wait for a person only)"
        )


def no_catch_up(dag: DAG) -> Iterator[str]:
    """What was missed while a DAG was paused is not made up for: the newest data is all."""
    if dag.catchup:
        yield f"makes up for missed runs: catchup=False, or {DEFAULTS}"


def file_name(dag: DAG) -> Iterator[str]:
    """A DAG is found in the file of its name."""
    if Path(dag.fileloc).stem != dag.dag_id:
        yield f"is in {Path(dag.fileloc).name}: name the file {dag.dag_id}.py"


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
)


def breaches(dag: DAG) -> dict[str, list[str]]:
    """What each rule that the DAG breaks says of it, by the rule's name."""
    said = {rule.__name__: [f"{dag.dag_id}: {each}" for each in rule(dag)] for rule in RULES}
    return {name: each for name, each in said.items() if each}
