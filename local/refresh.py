"""Runs every source through Airflow once and follows the runs to their end."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from include.sources import SOURCES
from local.airflow_api import AirflowApi
from local.airflow_records import Run, Task
from local.progress import Progress

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
