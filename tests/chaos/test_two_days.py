"""Two simulated days in which any task may be killed or fail at any moment, and a quiet end."""

import os
import random
import shutil

import pytest

from include.publishing.holds import current_hold
from local.cloud import Cloud
from local.home import REPOSITORY
from tests.chaos.simulation import Simulation, published
from tests.counting import count, hand_kept

HOURS = 48
# Kept after the test: one file for each try of a task.
LOGS = REPOSITORY / ".local" / "chaos"
# Somebody restores a version in the first of these hours, and lets publishing go on in the last.
RESTORED, RELEASED = 30, 32


@pytest.fixture
def seed() -> int:
    """The seed that `make chaos SEED=…` names, else a new one; it is shown with any failure."""
    chosen = os.environ.get("CHAOS_SEED") or str(random.SystemRandom().randrange(10_000))
    print(f"\nReplay this with: make chaos SEED={chosen}")
    return int(chosen)


@pytest.mark.chaos
def test_two_days_of_chaos_show_no_wrong_version_and_end_green(
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
        assert simulation.violations == [], simulation.told()
    simulation.end()

    print(simulation.summary())
    assert simulation.violations == [], simulation.told()
    assert set(simulation.last_states().values()) == {"success"}, simulation.told()
    assert current_hold(simulation.store) is None
    data = fresh.home.data
    assert published(simulation) == {**hand_kept(data), **count(data)}
