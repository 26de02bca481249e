"""The rules for text from outside, as tables of what goes in and what is shown."""

import pytest

from include.incidents.text import (
    as_code,
    count,
    escape,
    join_names,
    mask_secrets,
    one_line,
    run_name,
    truncate,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("&lt;", "&amp;lt;"),
        ("<@U1>", "&lt;@U1&gt;"),
        ("@channel @HERE @everyone!", "@\u200bchannel @\u200bHERE @\u200beveryone!"),
        ("@channels @hereby a@b.example", "@channels @hereby a@b.example"),
        ("", ""),
    ],
)
def test_text_is_shown_literally(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://h/q?token=abcde&f=json", "https://h/q?token=***&f=json"),
        ("https://h/q?access_token=abcde", "https://h/q?access_token=***"),
        ("https://h/b?sv=1&sig=abc%2F&se=2", "https://h/b?sv=1&sig=***&se=2"),
        ("Signature=abc, and more", "Signature=*** and more"),
        ("password=abcde is wrong", "password=*** is wrong"),
        ("passwd=abcde", "passwd=***"),
        ("secret=abcde", "secret=***"),
        ("api_key=abcde apikey=fghij", "api_key=*** apikey=***"),
        ("code=abcde", "code=***"),
        ("barcode=abcde", "barcode=abcde"),
        ("https://user:abcde@host/path", "https://***@host/path"),
        ("https://host/path", "https://host/path"),
        ("user:abcde@host", "user:abcde@host"),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_the_rest_is_kept(text: str, masked: str) -> None:
    assert mask_secrets(text) == masked


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("first\nsecond", "first"),
        ("  first  \nsecond", "first"),
        ("first:\nsecond\nthird", "first: second"),
        ("first:\n\n second:\nthird\nfourth", "first: second: third"),
        ("first:", "first:"),
        ("\n\t\n", "no error message"),
        ("\x00\x1b\n\u202e", "no error message"),
        ("a\x07b\tc\x9f", "ab\tc"),
        ("token=abcde\nsecond", "token=***"),
    ],
)
def test_an_error_is_shown_as_its_first_line(text: str, line: str) -> None:
    assert one_line(text, 50) == line


def test_a_secret_at_the_end_of_a_line_is_masked_before_the_line_is_cut() -> None:
    assert one_line("token=abcdefghij", 8) == "token=*…"


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [
        ("abcde", 6, "abcde"),
        ("abcde", 5, "abcde"),
        ("abcde", 4, "abc…"),
        ("abcde", 1, "…"),
    ],
)
def test_a_text_is_cut_only_beyond_its_limit(text: str, longest: int, shown: str) -> None:
    assert truncate(text, longest) == shown


def test_code_is_literal_between_backticks() -> None:
    assert as_code("a `b` <c> & @here") == "`a 'b' &lt;c&gt; &amp; @\u200bhere`"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b", "c"), "a, b, c"),
        (("a", "b", "c", "d"), "a, b, c and 1 more"),
        (("a", "b", "c", "d", "e"), "a, b, c and 2 more"),
    ],
)
def test_up_to_three_names_of_three_are_shown(names: tuple[str, ...], shown: str) -> None:
    assert join_names(names, 3) == shown


def test_one_has_no_plural() -> None:
    assert [count(number, "run") for number in (0, 1, 2)] == ["0 runs", "1 run", "2 runs"]


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("scheduled__2026-11-24T21:27:00+00:00", "the run of Tue Nov 24, 1:27 PM PST"),
        (
            "manual__2026-07-01T00:00:00.123456+00:00_AbC123",
            "the manual run of Tue Jun 30, 5:00 PM PDT",
        ),
        (
            "asset_triggered__2026-11-24T21:27:00+00:00_x",
            "the asset-triggered run of Tue Nov 24, 1:27 PM PST",
        ),
        ("backfill__2026-11-24T21:27:00+00:00", "the backfill run of Tue Nov 24, 1:27 PM PST"),
        (
            "for_scheduled__2026-11-24T21:27:00+00:00",
            "the run for the run of Tue Nov 24, 1:27 PM PST",
        ),
        (
            "after_manual__2026-11-24T21:27:00+00:00_x",
            "the run after the manual run of Tue Nov 24, 1:27 PM PST",
        ),
        ("manual__2026-99-24T21:27:00+00:00", "manual__2026-99-24T21:27:00+00:00"),
        ("my run", "my run"),
        ("", ""),
    ],
)
def test_a_run_is_named_by_its_kind_and_its_time_in_california(run: str, name: str) -> None:
    assert run_name(run) == name
