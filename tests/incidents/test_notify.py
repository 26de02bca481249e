"""The failure message: what it says, and what it never lets through."""

from types import SimpleNamespace
from typing import Any

import pytest

from include.incidents.notify import ERROR_LENGTH, failure_text


def context(error: object) -> Any:  # noqa: ANN401 - a stand-in for a TypedDict
    instance = SimpleNamespace(
        dag_id="usace",
        task_id="load",
        run_id="scheduled__2026-11-22T10:27:00+00:00",
        try_number=3,
        log_url="http://airflow.example/log",
    )
    return {"ti": instance, "exception": error}


def test_the_message_names_dag_task_try_run_error_and_log() -> None:
    text = failure_text(context(ValueError("expected 12000 rows, found 11000\nand a trace")))

    assert "*usace* failed in `load` (try 3" in text
    assert "scheduled__2026-11-22T10:27:00+00:00" in text
    assert "expected 12000 rows, found 11000" in text
    assert "and a trace" not in text
    assert "<http://airflow.example/log|Open the log>" in text


@pytest.mark.parametrize("hostile", ["<!channel>", "<@U123>", "<http://evil.example|click>"])
def test_an_error_cannot_mention_or_link(hostile: str) -> None:
    assert hostile not in failure_text(context(ValueError(f"the source said {hostile}")))


def test_a_very_long_error_is_cut() -> None:
    text = failure_text(context(ValueError("x" * 100_000)))

    assert "x" * ERROR_LENGTH in text
    assert "x" * (ERROR_LENGTH + 1) not in text


def test_a_failure_without_an_error_still_has_a_message() -> None:
    assert "no error was given" in failure_text(context(None))
