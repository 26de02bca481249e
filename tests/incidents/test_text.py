"""Hostile text: nothing from a source or an error calls, links, hides or leaks in a message."""

import pytest

from include.incidents.text import as_code, cut, escape, listed, masked, one_line


@pytest.mark.parametrize(
    "hostile", ["<!channel>", "<@U123>", "<http://evil.example|click>", "a & b < c"]
)
def test_control_sequences_are_shown_literally(hostile: str) -> None:
    shown = escape(hostile)
    assert "<" not in shown
    assert ">" not in shown
    assert shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == hostile


@pytest.mark.parametrize("word", ["@channel", "@here", "@Everyone"])
def test_data_cannot_call_everybody(word: str) -> None:
    assert word not in escape(f"the source said {word}!")


@pytest.mark.parametrize(
    "secret",
    [
        "https://host/query?token=hunter2&f=json",
        "https://host/blob?sv=1&sig=hunter2",
        "password=hunter2 is wrong",
        "https://user:hunter2@host/path",
        "api_key=hunter2",
    ],
)
def test_what_looks_like_a_secret_is_masked(secret: str) -> None:
    assert "hunter2" not in masked(secret)
    assert "***" in masked(secret)


def test_a_secret_that_airflow_knows_is_masked() -> None:
    from airflow.sdk.log import mask_secret

    mask_secret("a-very-secret-password")
    assert masked("it was a-very-secret-password") == "it was ***"


def test_an_error_is_one_line_without_control_characters() -> None:
    assert one_line("\n \n\x1b[31mred\u202e line\x00\nmore", 50) == "[31mred line"
    assert one_line("", 50) == "no error was given"
    assert one_line("SQL compilation error:\nStage X does not exist.\nmore", 50) == (
        "SQL compilation error: Stage X does not exist."
    )


def test_a_long_text_is_cut_to_its_length_with_a_sign() -> None:
    assert cut("x" * 100_000, 10) == "xxxxxxxxx…"
    assert cut("short", 10) == "short"


def test_a_backtick_cannot_end_the_monospaced_form() -> None:
    assert as_code("a ` b") == "`a ' b`"


def test_many_names_are_counted() -> None:
    assert listed(("a", "b", "c", "d"), 2) == "a, b and 2 more"
    assert listed(("a", "b"), 2) == "a, b"
