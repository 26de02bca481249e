"""Two simulated days in which any task may fail or be killed, and an end without faults."""

import os
import random
import shutil

import pytest

from include.publishing.holds import current_hold
from local.cloud import Cloud
from local.home import REPOSITORY
from tests.chaos.simulation import Simulation, published

HOURS = 48
# Left after the test: a file for each attempt of a task.
LOGS = REPOSITORY / ".local" / "chaos"
# The hours in which a person restores a version and releases the hold.
RESTORED, RELEASED = 30, 32


@pytest.fixture
def seed() -> int:
    """The seed that `make chaos SEED=…` sets, else a new one; it is printed."""
    chosen = os.environ.get("CHAOS_SEED") or str(random.SystemRandom().randrange(10_000))
    print(f"\nReplay this with: make chaos SEED={chosen}")
    return int(chosen)


@pytest.mark.chaos
def test_two_days_of_chaos_publish_no_wrong_version_and_end_with_success(
    seed: int, fresh: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(LOGS, ignore_errors=True)
    simulation = Simulation(fresh, seed, monkeypatch, logs=LOGS)

    for hour in range(HOURS):
        if hour == RESTORED:
            simulation.restore()
        if hour == RELEASED:
            simulation.release()
        simulation.pass_an_hour()
        print(simulation.progress(), flush=True)
        assert simulation.violations == [], simulation.report()
    simulation.end()

    print(simulation.summary())
    assert simulation.violations == [], simulation.report()
    assert set(simulation.last_states().values()) == {"success"}, simulation.report()
    assert current_hold(simulation.store) is None
    assert published(simulation) == simulation.simulated_sources.metrics()
