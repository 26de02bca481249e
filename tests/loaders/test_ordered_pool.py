"""Calls in threads: their results are in order, few wait, and a failure ends the others."""

import _thread
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from include.loaders import ordered_pool
from include.loaders.ordered_pool import ordered_map


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check often, and give a new thread no time to begin."""
    monkeypatch.setattr(ordered_pool, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(ordered_pool, "START_SECONDS", 0.0)


def test_results_are_in_the_order_of_the_items() -> None:
    released = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            released.wait(10)
        else:
            released.set()
        return number * 10

    stopping = threading.Event()
    assert list(ordered_map(work, range(5), 2, stopping)) == [0, 10, 20, 30, 40]
    assert not stopping.is_set()


@pytest.mark.parametrize("concurrency", [1, 3])
def test_items_are_consumed_as_they_are_needed(concurrency: int) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = ordered_map(lambda number: number, items(), concurrency, threading.Event())

    assert next(results) == 0
    assert len(taken) == 2 * concurrency
    assert next(results) == 1
    assert len(taken) == 2 * concurrency + 1
    results.close()  # type: ignore[attr-defined]


def test_as_many_calls_run_at_once_as_allowed() -> None:
    together = threading.Barrier(3)

    def work(_: int) -> str:
        together.wait(10)
        return threading.current_thread().name

    names = set(ordered_map(work, range(3), 3, threading.Event()))

    assert len(names) == 3
    assert all(name.startswith("page") for name in names)


def test_after_a_failure_the_calls_that_run_are_asked_to_stop_and_the_others_are_dropped() -> None:
    stopping = threading.Event()
    asked: list[bool] = []
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise ValueError("the first")
        asked.append(stopping.wait(10))

    with pytest.raises(ValueError, match="the first"):
        list(ordered_map(work, range(100), 2, stopping))

    assert set(asked) == {True}
    assert len(begun) <= 4
    assert not stopping.is_set()


def test_the_error_of_a_call_does_not_keep_the_call_alive() -> None:
    def work(_: int) -> None:
        raise ValueError("once")

    with pytest.raises(ValueError, match="once") as failure:
        list(ordered_map(work, range(1), 1, threading.Event()))

    [frame] = [each for each in failure.traceback if each.name == "result"]
    assert "call" not in frame.frame.f_locals


@pytest.mark.usefixtures("impatient")
def test_threads_that_die_before_they_begin_are_an_error_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_thread, "start_new_thread", lambda *_: 1)

    with pytest.raises(MemoryError, match="every thread ended before its work"):
        list(ordered_map(str, range(5), 2, threading.Event()))


def test_threads_that_die_before_their_first_call_are_an_error_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise MemoryError

    monkeypatch.setattr(ordered_pool, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(ordered_pool, "current_thread", fail)

    with pytest.raises(MemoryError, match="every thread ended before its work"):
        list(ordered_map(str, range(5), 2, threading.Event()))


def test_one_thread_does_the_work_if_the_others_die(monkeypatch: pytest.MonkeyPatch) -> None:
    names = iter(["page_0"])

    def current_thread() -> threading.Thread:
        if next(names, None) is None:
            raise MemoryError
        return threading.current_thread()

    monkeypatch.setattr(ordered_pool, "current_thread", current_thread)

    assert list(ordered_map(str, range(5), 3, threading.Event())) == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError()])
def test_as_many_threads_as_can_be_started_do_the_work(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    start = _thread.start_new_thread
    started: list[int] = []
    refused: list[int] = []

    def start_two(*call: Any) -> None:
        if len(started) == 2:
            refused.append(1)
            raise error
        started.append(start(*call))

    monkeypatch.setattr(_thread, "start_new_thread", start_two)

    assert list(ordered_map(str, range(5), 4, threading.Event())) == ["0", "1", "2", "3", "4"]
    assert len(refused) == 1, "no more are asked for"


def test_without_any_thread_the_reason_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", fail)
    stopping = threading.Event()

    with pytest.raises(RuntimeError, match="can't start new thread"):
        list(ordered_map(str, range(5), 4, stopping))

    assert not stopping.is_set()


def test_a_call_that_exits_its_thread_is_an_error_of_the_call() -> None:
    with pytest.raises(SystemExit):
        list(ordered_map(lambda _: _thread.exit(), range(2), 1, threading.Event()))
