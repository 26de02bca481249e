"""Several requests at once, their results in order, and never many results at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], concurrency: int, stopping: Event
) -> Iterator[Result]:
    """The results of `work`, in the order of the items.

    At most twice `concurrency` results are held at a time, however many items there are. The
    first failure is raised in its turn; what waits is dropped and what runs is told to stop.

    Args:
        work: Called in one of `concurrency` threads.
        items: Consumed as they are needed.
        concurrency: How many calls run at once.
        stopping: Set while the rest is given up.
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
