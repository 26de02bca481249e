"""Simulates hours: sources change and fail, tasks are killed, operators react, invariants hold."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import select

from include.publishing.azure_store import AzureStore
from include.publishing.names import PUBLISHED_FILE
from include.publishing.versions import saved_versions
from include.sources import SOURCES
from local.azurite import client
from local.cloud import Cloud
from local.faults import FAULTS, clear_faults, set_fault
from tests.chaos.invariants import Invariants
from tests.chaos.simulated_operators import SimulatedOperators
from tests.chaos.simulated_sources import SimulatedSources
from tests.scheduling.clock import Clock
from tests.scheduling.fault_injection import Fault, choose_fault
from tests.scheduling.in_process import people_here
from tests.scheduling.runs import PUBLICATION
from tests.scheduling.scheduler import Scheduler
from tests.scheduling.task_attempts import TaskAttempt
from tests.whole_dags.helpers import blob

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
# These faults only take time.
SLOW_FAULTS = ("slow", "stuck")
# No check can find this one: a list has no count, and half of three rows is a valid list.
UNDETECTABLE = {"malibu": ("drop-rows",)}
# The probabilities of each, for each source and hour.
CHANGES, IS_SUSPICIOUS, BREAKS = 0.12, 0.2, 0.04
# The probability that Airflow loses the event of a source's release.
LOST = 0.2
REPORTED_ATTEMPTS = 60


@dataclass
class Simulation:
    """The pipeline on the laptop's cloud, hour by hour.

    Attributes:
        cloud: The laptop's cloud.
        seed: All randomness follows from it, except the order in which parallel processes end.
        monkeypatch: Installs the clock.
        sources: The sources that run.
        likelihood: The probability of a fault in each attempt of a task, from 0 to 1.
        logs: The folder of the attempts' logs; in the cloud's folder by default.
        violations: The violations of the invariants.
        attempts: The number of attempts by kind of fault.
        history: Every attempt, in the order of their ends.
        lost: The number of lost asset events.
        choose_fault: Chooses the faults in place of the seed; takes the scheduler's arguments.
    """

    cloud: Cloud
    seed: int
    monkeypatch: pytest.MonkeyPatch
    sources: tuple[str, ...] = tuple(SOURCES)
    likelihood: float = 0.25
    logs: Path | None = None
    violations: list[str] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    history: list[str] = field(default_factory=list)
    lost: int = 0

    choose_fault: Callable[[str, int], Fault | None] | None = None

    def __post_init__(self) -> None:
        self.hour = 0
        self.clock = Clock(START)
        self.clock.install(self.monkeypatch)
        self.store = AzureStore(client(self.cloud.url("blob")))
        self.simulated_sources = SimulatedSources(self.cloud.home.data, self.seed)
        self.people = people_here()
        self.operators = SimulatedOperators(self.seed, self.people)
        self.invariants = Invariants(
            self.cloud, self.store, self.clock, self.simulated_sources, self.operators
        )
        self.logs = self.logs or self.cloud.home.logs / "chaos"
        self.scheduler = Scheduler(
            self.clock, self.logs, self._choose_fault, self._check_after, fork=True
        )
        self.scheduler.lose_events(self._is_lost)
        self._random = random.Random(f"{self.seed}/hours")
        self._broken: dict[str, tuple[int, str]] = {}

    def pass_an_hour(self) -> None:
        """Simulate one hour of the sources and the pipeline."""
        self._inject_source_faults()
        for source in self.sources:
            changes = self._random.random() < CHANGES
            suspicious = self._random.random() < IS_SUSPICIOUS
            if changes and self.hour:
                self.simulated_sources.change(source, self.clock.moment, suspicious=suspicious)
            self.scheduler.trigger(source)
        self.operators.act(self.hour)
        self.scheduler.work()
        self._publish_by_the_clock()
        self._note("at the end of the hour", self._check_everything())
        self.hour += 1
        self.clock.next_hour()

    def end(self) -> None:
        """Run every source once more without faults; the operators do all that is left."""
        self.likelihood = 0.0
        clear_faults(self.cloud.home.faults)
        for source in self.sources:
            self.simulated_sources.change(source, self.clock.moment)
            self.scheduler.trigger(source)
        self.scheduler.work()
        self.operators.unpause()
        self._publish_by_the_clock()
        while self.operators.act(self.hour, at_once=True):
            self.scheduler.work()
            self._publish_by_the_clock()
        self._note("at the end", self._check_everything())

    def _publish_by_the_clock(self) -> None:
        """Run the publication as its timetable does, which is not if the DAG is paused."""
        if not self.operators.paused:
            self.scheduler.trigger(PUBLICATION)
            self.scheduler.work()

    def restore(self) -> str:
        """Restore the oldest saved version, as a person does; return its name."""
        # The storage account dates its files with the real time.
        version = list(saved_versions(self.store, datetime.now(UTC)))[-1].version
        self.people.restore(version, "Chaos: a rehearsed restore")
        self.scheduler.work()
        return version

    def release(self) -> None:
        """Release the hold on publishing, as a person does."""
        self.people.release("Chaos: the rehearsal is over")

    def last_states(self) -> dict[str, str]:
        """The state of the newest run of each DAG that ran."""
        with create_session() as session:
            runs = session.scalars(select(DagRun).order_by(DagRun.id))
            return {run.dag_id: str(run.state) for run in runs}

    def progress(self) -> str:
        """The state after the hour, in a line."""
        wrong = f"; {len(self.violations)} VIOLATIONS" if self.violations else ""
        return (
            f"hour {self.hour:2}: {self.attempts.total()} attempts, "
            f"{self.invariants.versions} versions published{wrong}"
        )

    def report(self) -> str:
        """The last attempts, the summary and the violations."""
        return "\n".join(
            [
                *self.history[-REPORTED_ATTEMPTS:],
                f"Logs: {self.logs}",
                self.summary(),
                *self.violations,
            ]
        )

    def summary(self) -> str:
        """The numbers of attempts, versions, clears and answers."""
        kinds = "\n".join(f"  {count:4} {kind}" for kind, count in sorted(self.attempts.items()))
        return (
            f"{self.hour} hours, {self.attempts.total()} attempts of tasks:\n{kinds}\n"
            f"{self.invariants.versions} versions were published; runs cleared: "
            f"{self.operators.cleared.total()}; answers: {dict(self.operators.answers)}; marked:"
            f" {self.operators.marked}; pauses: {self.operators.pauses}; events lost: {self.lost}"
        )

    def _is_lost(self, event: int) -> bool:
        lost = random.Random(f"{self.seed}/event {event}").random() < LOST and self.likelihood > 0
        self.lost += lost
        return lost

    def _choose_fault(self, key: str, messages: int) -> Fault | None:
        if self.choose_fault is not None:
            return self.choose_fault(key, messages)
        return choose_fault(f"{self.seed}/{key}", self.likelihood, messages)

    def _check_after(self, ended: TaskAttempt) -> None:
        self.history.append(f"hour {self.hour}: {ended}")
        self.attempts[ended.fault.kind if ended.fault else "no fault"] += 1
        if ended.task == "promote":
            self._note(str(ended), self.invariants.check_public_file())
        elif ended.dag in self.sources and ended.task.startswith(("load", "wait", "release")):
            self._note(str(ended), self.invariants.check_source(ended.dag))

    def _check_everything(self) -> list[str]:
        wrong = [one for source in self.sources for one in self.invariants.check_source(source)]
        wrong += self.invariants.check_public_file()
        if self.last_states().get(PUBLICATION) != "success" or self.operators.paused:
            return wrong
        return wrong + self.invariants.check_reconciled()

    def _note(self, when: str, wrong: list[str]) -> None:
        self.violations += [f"Hour {self.hour}, {when}: {one}" for one in wrong]

    def _inject_source_faults(self) -> None:
        """Inject a fault into some sources for an hour or two."""
        clear_faults(self.cloud.home.faults)
        for source in self.sources:
            excluded = (*SLOW_FAULTS, *UNDETECTABLE.get(source, ()))
            fault = self._random.choice([one for one in FAULTS[source] if one not in excluded])
            hours = self._random.randint(1, 2)
            if self.hour and self._random.random() < BREAKS:
                self._broken[source] = self.hour + hours, fault
        for source, (until, fault) in self._broken.items():
            if until > self.hour:
                set_fault(self.cloud.home.faults, source, fault)


def published(simulation: Simulation) -> dict[str, float]:
    """The published values that the simulation knows, by metric, read without credentials."""
    served = blob(simulation.cloud, PUBLISHED_FILE)
    values = {metric["METRIC_NAME"]: metric["METRIC_VALUE"] for metric in served}
    unknown = simulation.simulated_sources.unknown
    return {name: value for name, value in values.items() if name not in unknown}
