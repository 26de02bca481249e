"""Runs every source through Airflow once and shows the progress until all is published."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from include.sources import SOURCES
from local.airflow_api import TASK_FINISHED, AirflowApi, Run, Task

PUBLISH = "publish_metrics"
# Each poll costs Airflow some processor time, which its tasks need on a laptop.
POLL_SECONDS = 2.0
COLOURS = {"success": "green", "failed": "red", "upstream_failed": "red", "up_for_retry": "yellow"}
ACTIVE = ("running", "deferred", "up_for_retry", "queued")


class Progress:
    """The progress of the runs on a terminal: bars, and a line for each notable task."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            TextColumn("{task.description:16}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[active]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._bar: dict[str, TaskID] = {}
        self._states: dict[tuple[str, str], str] = {}

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def update(self, run: Run, tasks: list[Task]) -> None:
        """Show the current state of a run and its tasks."""
        if run.id not in self._bar:
            self._bar[run.id] = self._bars.add_task(run.dag, total=len(tasks), active="")
        ended = sum(task.state in TASK_FINISHED for task in tasks)
        self._bars.update(
            self._bar[run.id], completed=ended, total=len(tasks), active=_active(run, tasks)
        )
        for task in sorted(tasks, key=lambda task: task.ended.timestamp() if task.ended else 0):
            self._print(run, task, f"{ended}/{len(tasks)}")

    def _print(self, run: Run, task: Task, ended: str) -> None:
        key = (run.id, task.id)
        if self._states.get(key) == task.state:
            return
        self._states[key] = task.state
        # On a terminal, the bars show the successes.
        if task.state not in COLOURS or (self._console.is_terminal and task.state == "success"):
            return
        state = f"[{COLOURS[task.state]}]{task.state:15}[/]"
        line = f"{run.dag:16} {ended:>6}  {state} {task.id} ({task.seconds:.1f} s)"
        self._console.print(line, highlight=False)


def _active(run: Run, tasks: list[Task]) -> str:
    if run.is_finished:
        return f"[{COLOURS[run.state]}]{run.state}[/]"
    return ", ".join(f"{task.id} ({task.state})" for task in tasks if task.state in ACTIVE)


def is_published(publications: Iterable[Run], released: datetime) -> bool:
    """True if a publication that began after a release has ended, and none is running.

    It has compared the public file with the release. One that began earlier may have ended before
    the release, or waited for it and published it: then later ones have nothing to promote.

    Args:
        publications: The runs of `publish_metrics` that have begun.
        released: The time of the last release.
    """
    runs = list(publications)
    is_compared = any(run.started and run.started >= released for run in runs)
    return is_compared and all(run.is_finished for run in runs)


@dataclass(frozen=True)
class Failure:
    """A failed task and its log's lines."""

    run: Run
    task: Task
    log: list[str]


@dataclass
class Refresh:
    """One run of every source and the publications that follow from them.

    Attributes:
        api: Airflow's API.
        progress: The progress to update.
        params: The params of each source's run.
        began: The time from which publications count.
        runs: The runs by source; publications by their id.
        ended: The ids of the finished runs.
        released: The latest time at which a source was released; `None` if none was.
        unchanged: The sources whose runs skipped the work, because nothing was new.
    """

    api: AirflowApi
    progress: Progress
    params: Mapping[str, str | bool] = field(default_factory=dict)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    runs: dict[str, Run] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    released: datetime | None = None
    unchanged: set[str] = field(default_factory=set)

    def run(self) -> list[Failure]:
        """Trigger every source; wait for the runs and for the publication of the last one.

        Returns:
            The failed tasks; empty if all succeeded.
        """
        self.runs = {source: self.api.trigger(source, **self.params) for source in SOURCES}
        while not self._is_over():
            time.sleep(POLL_SECONDS)
        return [failure for run in self.runs.values() for failure in self._failures(run)]

    def _is_over(self) -> bool:
        self._poll(list(self.runs.values()))
        if not all(run.is_finished for run in self.runs.values()):
            return False
        if self.released is None:
            return self._is_last_publication_over()
        return self._is_published(self.released)

    def _is_last_publication_over(self) -> bool:
        """Without a release, the publication of an earlier one may still be running."""
        try:
            return self.api.last_run(PUBLISH).is_finished
        except LookupError:
            return True

    def _is_published(self, released: datetime) -> bool:
        runs = self.api.runs_since(PUBLISH, self.began)
        self._update(runs)
        return is_published(runs, released)

    def _poll(self, runs: list[Run]) -> None:
        """Read the current states of the runs that have not ended.

        A request takes the API server some 20 ms of the processor, which tasks need too: one
        request has all active runs, and one their tasks.
        """
        if followed := [run for run in runs if run.id not in self.ended]:
            active = {(run.dag, run.id): run for run in self.api.unfinished_runs()}
            self._update([active.get((run.dag, run.id)) or self.api.run(run) for run in followed])

    def _update(self, runs: list[Run]) -> None:
        """Show the runs, in their current states, that had not ended before."""
        current = [run for run in runs if run.id not in self.ended]
        tasks_of = self.api.tasks_of(current)
        for run in current:
            tasks = tasks_of[run]
            self.progress.update(run, tasks)
            self.runs[run.dag if run.dag in SOURCES else run.id] = run
            if run.is_finished:
                self.ended.add(run.id)
            if run.dag in SOURCES:
                self._note_release(run.dag, tasks)

    def _note_release(self, source: str, tasks: list[Task]) -> None:
        for task in tasks:
            if task.id == "release" and task.state == "skipped":
                self.unchanged.add(source)
            if task.id == "release" and task.state == "success" and task.ended:
                self.released = max(self.released or task.ended, task.ended)

    def _failures(self, run: Run) -> Iterable[Failure]:
        if run.state != "failed":
            return
        for task in self.api.tasks(run):
            if task.state == "failed":
                yield Failure(run, task, self.api.log(run, task))
