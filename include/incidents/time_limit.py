"""A time limit for a call that may not answer, for example of a silent service."""

from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, function: Callable[[], Result]) -> Result:
    """Call a function in another thread, and wait for its result for a limited time.

    The thread is a daemon: it is left behind and does not keep the process alive.

    Args:
        seconds: How long to wait.
        function: The function.

    Raises:
        TimeoutError: There is no result by then.
        Exception: The function's own error.
    """
    answers: Queue[tuple[Result | None, BaseException | None]] = Queue()

    def call() -> None:
        try:
            answers.put((function(), None))
        except BaseException as error:
            answers.put((None, error))

    Thread(target=call, daemon=True).start()
    try:
        result, error = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"there is no answer within {seconds:g} s") from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]  # The function has returned it.
