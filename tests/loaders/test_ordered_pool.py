"""Calls in threads: their results are in order, few wait, and a failure ends the others."""

import threading
from collections.abc import Iterator

import pytest

from include.loaders.ordered_pool import ordered_map


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
