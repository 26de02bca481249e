"""A few hours of chaos, and proofs that the long run would notice a broken pipeline."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from include.loaders.raw.session import Session
from include.pipeline import audit
from include.publishing.audit import Verdict
from local.cloud import Cloud
from tests.chaos.fault_injection import Mishap
from tests.chaos.simulation import Simulation, published
from tests.counting import COUNTERS

SEED = 5
PASADENA = ("pasadena",)


@pytest.fixture
def quiet(fresh: Cloud, monkeypatch: pytest.MonkeyPatch) -> Simulation:
    """One source to which nothing happens by itself."""
    return Simulation(fresh, SEED, monkeypatch, sources=PASADENA, likelihood=0.0)


def test_hours_in_which_every_other_try_has_a_mishap_end_green_and_right(
    fresh: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(fresh, SEED, monkeypatch, sources=PASADENA, likelihood=0.5)

    simulation.pass_an_hour()
    simulation.end()

    assert simulation.violations == [], simulation.summary()
    assert simulation.tries.total() > simulation.tries["unharmed"], "nothing befell any task"
    assert set(simulation.last_states().values()) == {"success"}
    assert published(simulation) == COUNTERS["pasadena"](fresh.home.data)


@pytest.mark.chaos
def test_every_source_ends_green_when_nothing_befalls_it(
    fresh: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(fresh, SEED, monkeypatch, likelihood=0.0)

    simulation.pass_an_hour()
    simulation.end()

    assert simulation.violations == []
    assert set(simulation.last_states().values()) == {"success"}, simulation.told()


@pytest.mark.chaos
def test_an_audit_that_lets_everything_pass_is_noticed(
    quiet: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet.pass_an_hour()
    assert quiet.violations == []
    monkeypatch.setattr(audit, "check_candidate", lambda *_: Verdict(0, ()))

    quiet.world.change("pasadena", quiet.clock.moment, odd=True)
    quiet.scheduler.trigger("pasadena")
    quiet.scheduler.work()

    [violation] = quiet.violations
    assert "Suspicious, and nobody approved it: pasadena_building_permits_issued" in violation


@pytest.mark.parametrize("within", [True, False], ids=["within", "outside"])
def test_a_load_that_dies_outside_its_transaction_is_noticed_and_within_it_harmless(
    quiet: Simulation, monkeypatch: pytest.MonkeyPatch, within: bool
) -> None:
    quiet.befall = nothing_after_the_load
    quiet.pass_an_hour()
    monkeypatch.setattr(Session, "run", dying_after_the_delete(Session.run))
    if not within:
        monkeypatch.setattr(Session, "transaction", no_transaction)

    quiet.world.change("pasadena", quiet.clock.moment)
    quiet.scheduler.trigger("pasadena")
    quiet.scheduler.work()

    assert quiet.last_states()["pasadena"] == "failed"
    told = [one for one in quiet.violations if "EATON_FIRE_REBUILD_PERMITS has 0 rows" in one]
    assert bool(told) is not within
    assert len(told) == len(quiet.violations)


def nothing_after_the_load(key: str, messages: int) -> Mishap | None:
    return Mishap("fails") if ".transform." in key else None


def dying_after_the_delete(run: Callable[..., Any]) -> Callable[..., Any]:
    def dying(session: Session, sql: str, *values: Any, **options: Any) -> Any:
        answer = run(session, sql, *values, **options)
        if sql.startswith("DELETE FROM"):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return dying


@contextmanager
def no_transaction(session: Session) -> Iterator[None]:
    """Each statement commits by itself."""
    yield
