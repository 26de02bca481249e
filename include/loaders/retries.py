"""When a request is tried again, and how long to wait before."""

from collections.abc import Callable

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from include.loaders.errors import CancelledError, TransientError

# Full jitter between half a second and half a minute keeps many readers from asking in step.
_backoff = wait_random_exponential(multiplier=1, min=0.5, max=30)


def retrying(budget: float, sleep: Callable[[float], None]) -> Retrying:
    """Tries a call again after transient failures, for at most `budget` seconds.

    A server's own `Retry-After` counts; if it is longer than what is left, the call has failed.
    The last failure is raised as it is.

    Args:
        budget: Seconds, from the first try to the beginning of the last one.
        sleep: Waits for some seconds.
    """
    return Retrying(
        retry=retry_if_exception_type(TransientError) & _is_not_cancelled(),
        wait=_wait,
        stop=lambda state: _spent(state) + state.upcoming_sleep > budget,
        sleep=sleep,
        reraise=True,
    )


def _is_not_cancelled() -> Callable[[RetryCallState], bool]:
    return lambda state: not isinstance(_failure(state), CancelledError)


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _wait(state: RetryCallState) -> float:
    failure = _failure(state)
    asked = failure.retry_after if isinstance(failure, TransientError) else 0.0
    return max(_backoff(state), asked)


def _spent(state: RetryCallState) -> float:
    # The waits count even where a test's clock stands still.
    return max(state.seconds_since_start or 0.0, state.idle_for)
