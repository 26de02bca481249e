"""Shows how far a refresh is: a bar a DAG on a terminal, a line a task elsewhere."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from local.airflow_records import TASK_FINISHED, Run, Task

COLOURS = {"success": "green", "failed": "red", "upstream_failed": "red", "up_for_retry": "yellow"}
ACTIVE = ("running", "deferred", "up_for_retry", "queued")


class Progress:
    """What the person at the terminal sees while the DAGs run."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            TextColumn("{task.description:16}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[doing]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._bar: dict[str, TaskID] = {}
        self._told: dict[tuple[str, str], str] = {}

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def show(self, run: Run, tasks: list[Task]) -> None:
        """Take note of a run's present state."""
        if run.id not in self._bar:
            self._bar[run.id] = self._bars.add_task(run.dag, total=len(tasks), doing="")
        ended = sum(task.state in TASK_FINISHED for task in tasks)
        self._bars.update(
            self._bar[run.id], completed=ended, total=len(tasks), doing=_doing(run, tasks)
        )
        for task in sorted(tasks, key=lambda each: each.ended.timestamp() if each.ended else 0):
            self._tell(run, task, f"{ended}/{len(tasks)}")

    def _tell(self, run: Run, task: Task, done: str) -> None:
        key = (run.id, task.id)
        if self._told.get(key) == task.state:
            return
        self._told[key] = task.state
        worth_telling = task.state in COLOURS
        if not worth_telling or (self._console.is_terminal and task.state == "success"):
            return
        state = f"[{COLOURS[task.state]}]{task.state:15}[/]"
        line = f"{run.dag:16} {done:>6}  {state} {task.id} ({task.seconds:.1f} s)"
        self._console.print(line, highlight=False)


def _doing(run: Run, tasks: list[Task]) -> str:
    if run.is_finished:
        return f"[{COLOURS[run.state]}]{run.state}[/]"
    return ", ".join(f"{task.id} ({task.state})" for task in tasks if task.state in ACTIVE)
