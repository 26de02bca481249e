"""A thread pool's map with results in order and a bound on how many wait.

`concurrent.futures` waits for ever if a new thread dies before it reports in, which happens where
memory is short. Here each wait checks that there are threads to wait for.
"""

import _thread
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Lock, current_thread
from time import monotonic
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

# How often a wait checks the threads, in seconds.
CHECK_SECONDS = 1.0
# How long a new thread may take to begin, on a machine that has much else to do.
START_SECONDS = 60.0


def ordered_map(
    work: Callable[[Item], Result], items: Iterable[Item], concurrency: int, stopping: Event
) -> Iterator[Result]:
    """The results of `work`, in the order of the items.

    At most twice `concurrency` results wait at a time, however many items there are. The first
    failure is raised when its result is due; then the calls that wait are dropped and the calls
    that run are asked to stop.

    Args:
        work: Called in one of `concurrency` threads, or in fewer if no more can be started.
        items: Consumed as they are needed.
        concurrency: How many calls run at once.
        stopping: Set while the remaining calls are given up.

    Raises:
        MemoryError: The threads ended before their work.
        RuntimeError: No thread can be started, for want of memory or of threads.
    """
    waiting: deque[_Call] = deque()
    pool = _Pool(work, concurrency)
    try:
        for item in items:
            waiting.append(pool.submit(item))
            if len(waiting) >= 2 * concurrency:
                yield pool.result(waiting.popleft())
        while waiting:
            yield pool.result(waiting.popleft())
    finally:
        stopping.set()
        pool.close()
        stopping.clear()


class _Call:
    """A call of the work: its item, and in the end its result or its error.

    A thread sets its attributes without new memory, so that it cannot fail there.
    """

    __slots__ = ("error", "finished", "item", "result")

    def __init__(self, item: Any) -> None:
        self.item = item
        self.result: Any = None
        self.error: BaseException | None = None
        self.finished = Lock()
        self.finished.acquire()


class _Thread:
    """A thread: whether it has begun, and a lock that it holds until its end."""

    __slots__ = ("ended", "has_begun", "name", "start_by")

    def __init__(self, name: str) -> None:
        self.name = name
        self.has_begun = False
        self.start_by = monotonic() + START_SECONDS
        self.ended = Lock()
        self.ended.acquire()

    def lives(self) -> bool:
        """False if it has ended, or did not begin in time."""
        return self.ended.locked() and (self.has_begun or monotonic() < self.start_by)


class _Pool(Generic[Item, Result]):
    """Threads that serve calls in their order."""

    def __init__(self, work: Callable[[Item], Result], most: int) -> None:
        self._work = work
        self._most = most
        self._threads: list[_Thread] = []
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._is_closed = False

    def submit(self, item: Item) -> _Call:
        """Add a call, and a thread if there may be one more."""
        if len(self._threads) < self._most:
            self._start_thread()
        call = _Call(item)
        self._calls.put(call)
        return call

    def result(self, call: _Call) -> Result:
        """Wait for a call; returns its result or raises its error."""
        while not call.finished.acquire(timeout=CHECK_SECONDS):
            # It may have finished between the two checks.
            if not self._has_threads() and call.finished.locked():
                raise MemoryError("every thread ended before its work")
        if call.error is not None:
            try:
                raise call.error
            finally:
                # Without this, the error, its traceback and the pages in it would hold each other.
                del call
        result: Result = call.result
        return result

    def close(self) -> None:
        """Drop the calls that wait, and wait for those that run."""
        self._is_closed = True
        with suppress(MemoryError):  # A thread notices within a second anyway.
            for _ in self._threads:
                self._calls.put(None)
        for thread in self._threads:
            # One that has not begun will not begin a call.
            while thread.has_begun and not thread.ended.acquire(timeout=CHECK_SECONDS):
                pass

    def _start_thread(self) -> None:
        thread = _Thread(f"page_{len(self._threads)}")
        try:
            # `Thread.start` of `threading` waits, without a limit, for the thread to report in.
            _thread.start_new_thread(self._serve, (thread,))
        except (RuntimeError, MemoryError):
            if not self._has_threads():
                raise
            self._most = len(self._threads)
        else:
            self._threads.append(thread)

    def _has_threads(self) -> bool:
        return any(thread.lives() for thread in self._threads)

    def _serve(self, thread: _Thread) -> None:
        thread.has_begun = True
        try:
            current_thread().name = thread.name
            while not self._is_closed:
                try:
                    call = self._calls.get(timeout=CHECK_SECONDS)
                except Empty:
                    continue
                if call is None or self._is_closed:
                    break
                try:
                    call.result = self._work(call.item)
                except BaseException as error:
                    call.error = error
                call.finished.release()
                # A result must not outlive the use that the other side makes of it.
                del call
        except MemoryError:
            pass  # Whoever waits for a call finds that no thread is left.
        finally:
            thread.ended.release()
