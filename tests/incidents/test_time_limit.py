"""A limited call: its result, its error, or a time-out that leaves it behind."""

from threading import Event

import pytest

from include.incidents.time_limit import within


def test_a_result_in_time_is_returned() -> None:
    assert within(5, lambda: "result") == "result"


def test_the_functions_own_error_is_raised() -> None:
    def broken() -> None:
        raise KeyError("missing")

    with pytest.raises(KeyError, match="missing"):
        within(5, broken)


def test_a_call_that_never_answers_is_left_behind() -> None:
    never = Event()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.01 s"):
        within(0.01, never.wait)
    never.set()
