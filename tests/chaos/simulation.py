"""Simulated hours: the world changes, sources fail, tasks die, people respond, invariants hold."""

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
from tests.chaos.clock import Clock
from tests.chaos.fault_injection import Mishap, draw
from tests.chaos.invariants import Invariants
from tests.chaos.scheduler import Scheduler
from tests.chaos.simulated_operators import People
from tests.chaos.simulated_sources import World
from tests.chaos.task_attempts import Try
from tests.whole_dags.helpers import blob

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
# They only take time.
NOT_THESE = ("slow", "stuck")
# A list has no count to compare with: half of three rows is a list like any other.
UNNOTICED = {"malibu": ("drop-rows",)}
# How likely each is, for each source and hour.
CHANGES, IS_ODD, BREAKS = 0.12, 0.2, 0.04


TOLD = 60


@dataclass
class Simulation:
    """The pipeline on the laptop's cloud, hour by hour.

    Attributes:
        seed: Everything follows from it, but for the order in which processes end that run at once.
        likelihood: Of a mishap in each try of a task, from 0 to 1.
        befall: Says what befalls a try, in place of the dice; its arguments are the scheduler's.
        logs: Where each try writes its log; in the cloud's folder if nothing else is said.
        violations: What was seen that may not be; empty if all is well.
        tries: How many tries of tasks each kind of mishap befell.
        history: Every try, in the order in which they ended.
    """

    cloud: Cloud
    seed: int
    monkeypatch: pytest.MonkeyPatch
    sources: tuple[str, ...] = SOURCES
    likelihood: float = 0.25
    logs: Path | None = None
    violations: list[str] = field(default_factory=list)
    tries: Counter[str] = field(default_factory=Counter)
    history: list[str] = field(default_factory=list)

    befall: Callable[[str, int], Mishap | None] | None = None

    def __post_init__(self) -> None:
        self.hour = 0
        self.clock = Clock(START)
        self.clock.install(self.monkeypatch)
        self.store = AzureStore(client(self.cloud.url("blob")))
        self.world = World(self.cloud.home.data, self.seed)
        self.people = People(self.seed)
        self.invariants = Invariants(self.cloud, self.store, self.clock, self.world, self.people)
        self.logs = self.logs or self.cloud.home.logs / "chaos"
        self.scheduler = Scheduler(self.clock, self.logs, self._mishap, self._look)
        self._dice = random.Random(f"{self.seed}/hours")
        self._broken: dict[str, tuple[int, str]] = {}

    def pass_an_hour(self) -> None:
        """One hour of the world's and of the pipeline's life."""
        self._break_and_mend()
        for source in self.sources:
            changes = self._dice.random() < CHANGES
            odd = self._dice.random() < IS_ODD
            if changes and self.hour:
                self.world.change(source, self.clock.moment, odd=odd)
            self.scheduler.trigger(source)
        self.people.act(self.hour)
        self.scheduler.work()
        self._note("at the end of the hour", self._everything())
        self.hour += 1
        self.clock.next_hour()

    def end(self) -> None:
        """Nothing breaks any more: a last round, and people come to all that is left."""
        self.likelihood = 0.0
        clear_faults(self.cloud.home.faults)
        for source in self.sources:
            self.world.change(source, self.clock.moment)
            self.scheduler.trigger(source)
        self.scheduler.work()
        while self.people.act(self.hour, at_once=True):
            self.scheduler.work()
        self._note("at the end", self._everything())

    def restore(self) -> str:
        """Somebody puts the oldest version back that is kept; its name."""
        version = saved_versions(self.store)[-1].version
        form = {"action": "restore a version and hold publishing", "version": version}
        self.scheduler.trigger("restore_metrics", **form, reason="Chaos: a rehearsed restore")
        self.scheduler.work()
        return version

    def release(self) -> None:
        """Somebody lets automatic publishing go on."""
        form = {"action": "release the hold", "version": None}
        self.scheduler.trigger("restore_metrics", **form, reason="Chaos: the rehearsal is over")

    def last_states(self) -> dict[str, str]:
        """The state of the newest run of each DAG that ran."""
        with create_session() as session:
            runs = session.scalars(select(DagRun).order_by(DagRun.id))
            return {run.dag_id: str(run.state) for run in runs}

    def progress(self) -> str:
        """The hour that passed, in a line."""
        wrong = f"; {len(self.violations)} VIOLATIONS" if self.violations else ""
        return (
            f"hour {self.hour:2}: {self.tries.total()} tries, "
            f"{self.invariants.versions} versions public{wrong}"
        )

    def told(self) -> str:
        """What led to what is wrong: to be read from its end."""
        return "\n".join(
            [*self.history[-TOLD:], f"Logs: {self.logs}", self.summary(), *self.violations]
        )

    def summary(self) -> str:
        """What happened, in a few lines."""
        kinds = "\n".join(f"  {count:4} {kind}" for kind, count in sorted(self.tries.items()))
        return (
            f"{self.hour} hours, {self.tries.total()} tries of tasks:\n{kinds}\n"
            f"{self.invariants.versions} versions were public; runs cleared: "
            f"{self.people.cleared.total()}; answers: {dict(self.people.answers)}"
        )

    def _mishap(self, key: str, messages: int) -> Mishap | None:
        if self.befall is not None:
            return self.befall(key, messages)
        return draw(f"{self.seed}/{key}", self.likelihood, messages)

    def _look(self, ended: Try) -> None:
        self.history.append(f"hour {self.hour}: {ended}")
        self.tries[ended.mishap.kind if ended.mishap else "unharmed"] += 1
        if ended.task == "promote":
            self._note(str(ended), self.invariants.of_the_public_file())
        elif ended.dag in self.sources and ended.task.startswith(("load", "wait", "release")):
            self._note(str(ended), self.invariants.of_a_source(ended.dag))

    def _everything(self) -> list[str]:
        wrong = [one for source in self.sources for one in self.invariants.of_a_source(source)]
        return wrong + self.invariants.of_the_public_file()

    def _note(self, when: str, wrong: list[str]) -> None:
        self.violations += [f"Hour {self.hour}, {when}: {one}" for one in wrong]

    def _break_and_mend(self) -> None:
        """A source breaks for an hour or two."""
        clear_faults(self.cloud.home.faults)
        for source in self.sources:
            left_out = (*NOT_THESE, *UNNOTICED.get(source, ()))
            fault = self._dice.choice([one for one in FAULTS[source] if one not in left_out])
            hours = self._dice.randint(1, 2)
            if self.hour and self._dice.random() < BREAKS:
                self._broken[source] = self.hour + hours, fault
        for source, (until, fault) in self._broken.items():
            if until > self.hour:
                set_fault(self.cloud.home.faults, source, fault)


def published(simulation: Simulation) -> dict[str, float]:
    """The values that are served, by metric, read as anyone may."""
    served = blob(simulation.cloud, PUBLISHED_FILE)
    return {metric["METRIC_NAME"]: metric["METRIC_VALUE"] for metric in served}
