"""A few hours of chaos, and proofs that the long run detects a defective pipeline."""

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
from tests.chaos.simulation import Simulation, published
from tests.scheduling.fault_injection import Fault

SEED = 5
PASADENA = ("pasadena",)


@pytest.fixture
def quiet(fresh: Cloud, monkeypatch: pytest.MonkeyPatch) -> Simulation:
    """A simulation of one source without faults."""
    return Simulation(fresh, SEED, monkeypatch, sources=PASADENA, likelihood=0.0)


def test_hours_with_a_fault_in_every_other_attempt_end_with_correct_metrics(
    fresh: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(fresh, SEED, monkeypatch, sources=PASADENA, likelihood=0.5)

    simulation.pass_an_hour()
    simulation.end()

    assert simulation.violations == [], simulation.summary()
    assert simulation.attempts.total() > simulation.attempts["no fault"], "no attempt had a fault"
    assert set(simulation.last_states().values()) == {"success"}
    [*_, last] = simulation.simulated_sources.expected_metrics["pasadena"]
    assert published(simulation) == last


@pytest.mark.chaos
def test_every_source_succeeds_without_faults(
    fresh: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(fresh, SEED, monkeypatch, likelihood=0.0)

    simulation.pass_an_hour()
    simulation.end()

    assert simulation.violations == []
    assert set(simulation.last_states().values()) == {"success"}, simulation.report()


@pytest.mark.chaos
def test_an_audit_that_passes_everything_is_detected(
    quiet: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet.pass_an_hour()
    assert quiet.violations == []
    monkeypatch.setattr(audit, "check_candidate", lambda *_: Verdict(0, ()))

    quiet.simulated_sources.change("pasadena", quiet.clock.moment, suspicious=True)
    quiet.scheduler.trigger("pasadena")
    quiet.scheduler.work()

    [violation] = quiet.violations
    assert "Suspicious, and nobody approved it: pasadena_building_permits_issued" in violation


@pytest.mark.parametrize("within", [True, False], ids=["within", "outside"])
def test_a_load_killed_outside_a_transaction_is_detected_and_within_one_harmless(
    quiet: Simulation, monkeypatch: pytest.MonkeyPatch, within: bool
) -> None:
    quiet.choose_fault = fail_after_the_load
    quiet.pass_an_hour()
    monkeypatch.setattr(Session, "run", killed_after_the_delete(Session.run))
    if not within:
        monkeypatch.setattr(Session, "transaction", no_transaction)

    quiet.simulated_sources.change("pasadena", quiet.clock.moment)
    quiet.scheduler.trigger("pasadena")
    quiet.scheduler.work()

    assert quiet.last_states()["pasadena"] == "failed"
    empty = [one for one in quiet.violations if "EATON_FIRE_REBUILD_PERMITS has 0 rows" in one]
    assert bool(empty) is not within
    assert len(empty) == len(quiet.violations)


def fail_after_the_load(key: str, messages: int) -> Fault | None:
    return Fault("fails") if ".transform." in key else None


def killed_after_the_delete(run: Callable[..., Any]) -> Callable[..., Any]:
    def killed(session: Session, sql: str, *values: Any, **options: Any) -> Any:
        result = run(session, sql, *values, **options)
        if sql.startswith("DELETE FROM"):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return killed


@contextmanager
def no_transaction(session: Session) -> Iterator[None]:
    """Each statement commits by itself."""
    yield
