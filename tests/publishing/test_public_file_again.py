"""A fault of the public file counts only if it lasts for half a minute."""

from collections.abc import Callable, Sequence

import pytest

from include.publishing import public_file
from include.publishing.public_file import (
    PATIENCE_SECONDS,
    Fault,
    PublicFile,
    check_again,
    check_public_file,
)
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish

ALTERED = Fault("altered", "Somebody changed it.", ("a",))
ALSO = Fault("altered", "Somebody changed it.", ("b",))
SILENT = Fault("unreachable", "It is out of reach.")
REWRITTEN = Fault("rewritten", "Somebody wrote it.", is_wrong=False)

EVERY, CHECKS = 5.0, 7


class Clock:
    """The time, which passes only while somebody sleeps.

    Attributes:
        now: The seconds since the first check.
        after: What happens after a sleep, once each, by its number.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.after: dict[int, Callable[[], object]] = {}
        self._slept = 0

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds > 0
        self.now += seconds
        self._slept += 1
        self.after.get(self._slept, lambda: None)()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the checks."""
    made = Clock()
    monkeypatch.setattr(public_file, "sleep", made.sleep)
    # A monotonic clock begins at any time.
    monkeypatch.setattr(public_file, "monotonic", lambda: 1_000 + made.now)
    return made


@pytest.mark.parametrize(
    ("seen", "lasting", "seconds"),
    [
        ([[]], [], 0),
        ([[SILENT], []], [], 1 * EVERY),
        ([[SILENT]] * (CHECKS - 1) + [[]], [], PATIENCE_SECONDS),
        ([[SILENT]] * CHECKS, [SILENT], PATIENCE_SECONDS),
        ([[REWRITTEN]] * CHECKS, [REWRITTEN], PATIENCE_SECONDS),
        # Another fault at each check: nothing lasts.
        ([[SILENT], [ALTERED]], [], 1 * EVERY),
        ([[SILENT, ALTERED], [ALTERED], [ALTERED, SILENT]] + [[ALTERED]] * 4, [ALTERED],
         PATIENCE_SECONDS),
        # The affected metrics are those of the last check.
        ([[ALTERED]] * (CHECKS - 1) + [[ALSO]], [ALSO], PATIENCE_SECONDS),
    ],
)  # fmt: skip
def test_only_a_fault_that_each_check_of_half_a_minute_finds_is_one(
    seen: Sequence[list[Fault]], lasting: list[Fault], seconds: float, clock: Clock
) -> None:
    checks = iter(seen)
    found = check_again(lambda: PublicFile(tuple(next(checks)), metrics=("a",)))
    assert list(found.faults) == lasting
    assert found.metrics == ("a",)
    assert clock.now == seconds
    assert next(checks, None) is None, "each is looked at"


def test_a_single_503_is_no_fault(store: MemoryStore, clock: Clock) -> None:
    publish(store, file())
    store.status = 503
    clock.after[1] = lambda: setattr(store, "status", None)
    found = check_again(lambda: check_public_file(store, NOW))
    assert (found.faults, found.metrics) == ((), ("schools_resumed",))
    assert clock.now == EVERY


def test_a_promotion_between_two_reads_is_no_fault(
    store: MemoryStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, file(metric(value=8)), "20261124T140000Z-aaa")
    read = store.read

    def promoted_meanwhile(place: Place) -> object:
        monkeypatch.setattr(store, "read", read)
        publish(store, file(metric(value=9)), "20261124T143000Z-bbb")
        return read(place)

    monkeypatch.setattr(store, "read", promoted_meanwhile)
    once = check_public_file(store, NOW)
    assert [one.key for one in once.faults] == ["altered"], "the address served the older one"

    publish(store, file(metric(value=8)), "20261124T144500Z-ccc")
    monkeypatch.setattr(store, "read", promoted_meanwhile)
    assert check_again(lambda: check_public_file(store, NOW)).faults == ()


def test_a_changed_file_stays_one_with_its_metrics(store: MemoryStore, clock: Clock) -> None:
    publish(store, file(metric("a", 1), metric("b", 1)))
    store.write(PUBLISHED, file(metric("a", 1), metric("b", 2)))
    [fault] = check_again(lambda: check_public_file(store, NOW)).faults
    assert (fault.key, fault.affected) == ("altered", ("b",))
    assert clock.now == PATIENCE_SECONDS
