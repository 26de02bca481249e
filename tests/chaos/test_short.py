"""A few hours of chaos, and proofs that the long run would notice a broken pipeline."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from include.loaders.raw.sessions import Session
from include.pipeline import audit
from include.publishing.audit import Verdict
from local.cloud import Cloud
from tests.chaos.mishaps import Mishap
from tests.chaos.simulation import Simulation, published
from tests.counting import COUNTERS

pytestmark = pytest.mark.chaos

SEED = 5
MESSAGES_OF_A_LOAD = 30
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


def test_an_audit_that_lets_everything_pass_is_noticed(
    quiet: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet.pass_an_hour()
    assert quiet.violations == []
    monkeypatch.setattr(audit, "audit", lambda *_: Verdict(0, ()))

    quiet.world.change("pasadena", quiet.clock.moment, odd=True)
    quiet.scheduler.trigger("pasadena")
    quiet.scheduler.work()

    [violation] = quiet.violations
    assert "Odd, and nobody approved it: pasadena_building_permits_issued" in violation


def test_a_load_outside_its_transaction_is_noticed(
    quiet: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "transaction", no_transaction)
    ends = count()
    sent: list[int] = []

    def befall(key: str, messages: int) -> Mishap | None:
        """The first load goes through; then each is killed one message earlier."""
        if not key.startswith("pasadena.load "):
            return None
        sent.append(messages)
        return Mishap("killed", sent[1] - next(ends)) if len(sent) > 1 else Mishap("unreported")

    quiet.befall = befall
    while not quiet.violations and len(sent) < MESSAGES_OF_A_LOAD:
        quiet.scheduler.trigger("pasadena")
        quiet.scheduler.work()

    assert "EATON_FIRE_REBUILD_PERMITS has 0 rows" in quiet.violations[0]


@contextmanager
def no_transaction(session: Session) -> Iterator[None]:
    """Each statement commits by itself."""
    yield
