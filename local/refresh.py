"""Runs every source through Airflow once and follows the runs to their end."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from include.sources import SOURCES
from local.airflow_api import TASK_FINISHED, AirflowApi, Run, Task

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


PUBLISH = "publish_metrics"
# Each look costs Airflow some processor time, which its tasks need on a laptop.
POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Failure:
    """A task that failed, and the end of its log."""

    run: Run
    task: Task
    log: list[str]


@dataclass
class Refresh:
    """One run of every source and the publications that follow from them.

    Attributes:
        form: What a person puts into each run's form.
        unchanged: The sources that had nothing new, so that their runs skipped the work.
    """

    api: AirflowApi
    progress: Progress
    form: Mapping[str, str | bool] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    runs: dict[str, Run] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    unloaded: datetime | None = None
    unchanged: set[str] = field(default_factory=set)

    def follow(self) -> list[Failure]:
        """Trigger the six sources, wait for them and for the publication of the last one.

        Returns:
            The tasks that failed; none where all went well.
        """
        self.runs = {source: self.api.trigger(source, **self.form) for source in SOURCES}
        while not self._is_over():
            time.sleep(POLL_SECONDS)
        return [failure for run in self.runs.values() for failure in self._failures(run)]

    def _is_over(self) -> bool:
        self._look_at(list(self.runs.values()))
        if not all(run.is_finished for run in self.runs.values()):
            return False
        if self.unloaded is None:
            return self._is_settled()
        return self._is_published(self.unloaded)

    def _is_settled(self) -> bool:
        """Where nothing is new, what an earlier run has released may still be on its way."""
        try:
            return self.api.last_run(PUBLISH).is_finished
        except LookupError:
            return True

    def _is_published(self, unloaded: datetime) -> bool:
        runs = self.api.runs_since(PUBLISH, self.began)
        self._look_at(runs)
        started = [run.started for run in runs if run.started]
        # Only a publication that began after the last unload has seen every source's metrics.
        return bool(started) and max(started) >= unloaded and all(run.is_finished for run in runs)

    def _look_at(self, runs: list[Run]) -> None:
        """See how the runs that have not ended are doing."""
        asked = [run for run in runs if run.id not in self.ended]
        for now in map(self.api.run, asked):
            tasks = self.api.tasks(now)
            self.progress.show(now, tasks)
            self.runs[now.dag if now.dag in SOURCES else now.id] = now
            if now.is_finished:
                self.ended.add(now.id)
            if now.dag in SOURCES:
                self.unloaded = max(filter(None, [self.unloaded, *_unloads(tasks)]), default=None)
                if any(task.id == "release" and task.state == "skipped" for task in tasks):
                    self.unchanged.add(now.dag)

    def _failures(self, run: Run) -> Iterable[Failure]:
        if run.state != "failed":
            return
        for task in self.api.tasks(run):
            if task.state == "failed":
                yield Failure(run, task, self.api.log(run, task))


def _unloads(tasks: list[Task]) -> list[datetime]:
    return [
        task.ended
        for task in tasks
        if task.id == "release" and task.state == "success" and task.ended
    ]
