"""A thread pool's map with results in order and a bound on how many wait."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ordered_map(
    work: Callable[[Item], Result], items: Iterable[Item], concurrency: int, stopping: Event
) -> Iterator[Result]:
    """The results of `work`, in the order of the items.

    At most twice `concurrency` results wait at a time, however many items there are. The first
    failure is raised when its result is due; then the calls that wait are dropped and the calls
    that run are asked to stop.

    Args:
        work: Called in one of `concurrency` threads.
        items: Consumed as they are needed.
        concurrency: How many calls run at once.
        stopping: Set while the remaining calls are given up.
    """
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(concurrency, thread_name_prefix="page") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= 2 * concurrency:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            stopping.set()
            pool.shutdown(wait=True, cancel_futures=True)
            stopping.clear()
