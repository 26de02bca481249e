"""Hostile text: no text from outside mentions, links, hides or leaks in a message."""

import pytest

from include.incidents.text import (
    as_code,
    count,
    escape,
    join_names,
    mask_secrets,
    one_line,
    truncate,
)


@pytest.mark.parametrize(
    "hostile", ["<!channel>", "<@U123>", "<http://evil.example|click>", "a & b < c"]
)
def test_control_sequences_are_shown_literally(hostile: str) -> None:
    shown = escape(hostile)
    assert "<" not in shown
    assert ">" not in shown
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == hostile


@pytest.mark.parametrize("word", ["@channel", "@here", "@Everyone"])
def test_data_cannot_mention_everybody(word: str) -> None:
    assert word not in escape(f"the source said {word}!")


@pytest.mark.parametrize(
    "secret",
    [
        "https://host/query?token=hunter2&f=json",
        "could not connect: password='hunter2 with spaces'",
        'could not connect: password="hunter2", user="x"',
        "https://host/blob?sv=1&sig=hunter2",
        "password=hunter2 is wrong",
        "https://user:hunter2@host/path",
        "api_key=hunter2",
    ],
)
def test_text_that_looks_like_a_secret_is_masked(secret: str) -> None:
    assert "hunter2" not in mask_secrets(secret)
    assert "***" in mask_secrets(secret)


def test_a_secret_that_airflow_knows_is_masked() -> None:
    from airflow.sdk.log import mask_secret

    mask_secret("a-very-secret-password")
    assert mask_secrets("it was a-very-secret-password") == "it was ***"


def test_airflow_has_no_public_function_that_redacts() -> None:
    """A failure means that `text.py` can import the public function."""
    from airflow import sdk
    from airflow.sdk import log

    assert "redact" not in getattr(sdk, "__all__", ())
    assert "redact" not in getattr(log, "__all__", ())


def test_an_error_is_one_line_without_control_characters() -> None:
    assert one_line("\n \n\x1b[31mred\u202e line\x00\nmore", 50) == "[31mred line"
    assert one_line("", 50) == "no error message"
    assert one_line("SQL compilation error:\nStage X does not exist.\nmore", 50) == (
        "SQL compilation error: Stage X does not exist."
    )


def test_a_long_text_is_truncated_with_an_ellipsis() -> None:
    assert truncate("x" * 100_000, 10) == "xxxxxxxxx…"
    assert truncate("short", 10) == "short"


def test_a_backtick_cannot_end_the_monospaced_form() -> None:
    assert as_code("a ` b") == "`a ' b`"


def test_the_names_beyond_the_limit_are_counted() -> None:
    assert join_names(("a", "b", "c", "d"), 2) == "a, b and 2 more"
    assert join_names(("a", "b"), 2) == "a, b"


def test_a_noun_follows_its_number() -> None:
    assert count(1, "run") == "1 run"
    assert count(3, "run") == "3 runs"
