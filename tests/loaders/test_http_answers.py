"""Answers of servers: what is read, what is worth a retry, and what the failure says."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.loaders import (
    LoadError,
    OverloadedError,
    PermanentError,
    QueryRefusedError,
    TokenError,
    TransientError,
)
from include.loaders.responses import Response, excerpt

MEMBERS = ["code", "message", "details", "error", "messages"]
NOW = datetime(2025, 8, 22, 8, 0, tzinfo=UTC)


def read(body: bytes, status: int = 200, **headers: str) -> Any:
    """The JSON of an answer."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response("epa", "GET https://x", status, named, body).json(NOW)


def failure(body: bytes, status: int = 200, **headers: str) -> LoadError:
    """The failure that an answer is."""
    with pytest.raises(LoadError) as caught:
        read(body, status, **headers)
    assert (caught.value.source, caught.value.request) == ("epa", "GET https://x")
    return caught.value


@pytest.mark.parametrize(
    ("body", "status", "value"),
    [
        (b'{"count": 3}', 200, {"count": 3}),
        (b"[1, 2]", 201, [1, 2]),
        (b"null", 299, None),
        (b'{"a": "<b>"}', 200, {"a": "<b>"}),
        (b'{"status": "fine", "error": null}', 200, {"status": "fine", "error": None}),
        (b'{"error": false}', 200, {"error": False}),
        (b'\xef\xbb\xbf{"a": 1}', 200, {"a": 1}),
    ],
)
def test_json_with_a_successful_status_is_the_answer(body: bytes, status: int, value: Any) -> None:
    assert read(body, status) == value


def test_a_bare_nan_is_read() -> None:
    assert str(read(b"[NaN]")) == "[nan]"


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (400, QueryRefusedError, "HTTP status 400: the query is refused"),
        (401, TokenError, "HTTP status 401: no access"),
        (402, PermanentError, "HTTP status 402"),
        (403, TokenError, "HTTP status 403: no access"),
        (404, PermanentError, "HTTP status 404: not found"),
        (405, PermanentError, "HTTP status 405"),
        (408, TransientError, "HTTP status 408"),
        (410, PermanentError, "HTTP status 410: not found"),
        (425, TransientError, "HTTP status 425"),
        (429, TransientError, "HTTP status 429"),
        (498, TokenError, "HTTP status 498: no access"),
        (499, TokenError, "HTTP status 499: no access"),
        (500, OverloadedError, "HTTP status 500"),
        (503, OverloadedError, "HTTP status 503"),
        (599, OverloadedError, "HTTP status 599"),
        (600, TransientError, "HTTP status 600"),
    ],
)
def test_each_status_has_its_kind_of_failure(
    status: int, kind: type[LoadError], reason: str
) -> None:
    failed = failure(b"<p>Sorry</p>", status)

    assert type(failed) is kind
    assert (failed.reason, failed.service_message) == (reason, "Sorry")


@pytest.mark.parametrize(
    ("status", "headers", "message"),
    [
        (300, {}, "the address has moved to an unknown address"),
        (301, {"location": "https://y"}, "the address has moved to https://y"),
        (399, {"location": "/z"}, "the address has moved to /z"),
    ],
)
def test_a_redirection_that_is_not_followed_says_where_to(
    status: int, headers: dict[str, str], message: str
) -> None:
    failed = failure(b"", status, **headers)

    assert type(failed) is PermanentError
    assert (failed.reason, failed.service_message) == (f"HTTP status {status}", message)


@pytest.mark.parametrize(
    ("body", "kind", "code", "message"),
    [
        (b'{"error": "broke"}', OverloadedError, "None", "broke"),
        (b'{"error": ["a", 1]}', OverloadedError, "None", "['a', 1]"),
        (b'{"error": {}}', OverloadedError, "None", ""),
        (b'{"error": true, "message": "Slow", "code": 500}', OverloadedError, "500", "Slow"),
        (b'{"error": {"code": -1, "message": "Odd"}}', TransientError, "-1", "Odd"),
        (b'{"error": {"code": 0, "message": "Odd"}}', PermanentError, "0", "Odd"),
        (b'{"error": {"code": "500", "message": "Odd"}}', OverloadedError, "500", "Odd"),
        (b'{"error": {"code": 404.0}}', PermanentError, "404: not found", ""),
        (b'{"error": {"code": "x"}}', OverloadedError, "None", ""),
        (b'{"error": {"code": true}}', OverloadedError, "None", ""),
        (b'{"error": {"code": [400]}}', OverloadedError, "None", ""),
        (b'{"error": {"code": 1e300}}', OverloadedError, "None", ""),
        (b'{"error": {"code": Infinity}}', OverloadedError, "None", ""),
        (b'{"error": {"code": 500}}', OverloadedError, "500", ""),
        (b'{"error": {"code": 500, "message": {"a": 1}}}', OverloadedError, "500", "{'a': 1}"),
        (
            b'{"error": {"code": 500, "message": "\\ud83d \\u001b[31mred"}}',
            OverloadedError,
            "500",
            "[31mred",
        ),
        (
            b'{"error": {"code": 499, "message": "Token Required."}}',
            TokenError,
            "499: no access",
            "Token Required",
        ),
        (
            b'{"error": {"code": 400, "message": "Bad.", "details": ["Bad", " No X. ", "", null]}}',
            QueryRefusedError,
            "400: the query is refused",
            "Bad; No X",
        ),
        (
            b'{"error": {"code": 404, "message": "", "details": "one text"}}',
            PermanentError,
            "404: not found",
            "one text",
        ),
        (
            b'{"status": "error", "error": {"code": 499, "message": "No"}, "messages": ["x"]}',
            TokenError,
            "499: no access",
            "No",
        ),
        (
            b'{"status": "error", "messages": ["Down", "for now"], "code": 504}',
            OverloadedError,
            "504",
            "Down; for now",
        ),
    ],
)
def test_an_error_inside_a_successful_status_is_a_failure(
    body: bytes, kind: type[LoadError], code: str, message: str
) -> None:
    failed = failure(body)

    assert type(failed) is kind
    assert failed.reason == f"an error inside HTTP 200, code {code}"
    assert failed.service_message == message


def test_a_services_message_is_preferred_to_the_body_and_cut() -> None:
    assert failure(b'{"error": "busy"}', 503).service_message == "busy"
    assert failure(b"{}", 503).service_message == "{}"
    assert failure(b'{"error": "%s"}' % (b"x" * 400)).service_message == "x" * 300
    long = b'{"error": {"code": 500, "message": "%s"}}' % (b"y" * 400)
    assert failure(long).service_message == "y" * 300


@pytest.mark.parametrize(
    ("body", "kind", "reason", "message"),
    [
        (b" \n<html><p>Maintenance</p>", TransientError, "the answer is HTML", "Maintenance"),
        (b"\xef\xbb\xbf<p>Closed</p>", TransientError, "the answer is HTML", "Closed"),
        (b'{"a": ', OverloadedError, "the answer is not complete JSON: unexpected", '{"a":'),
        (
            b"",
            OverloadedError,
            "the answer is not complete JSON: Expecting value",
            "(an empty body)",
        ),
        (
            b" \n",
            OverloadedError,
            "the answer is not complete JSON: Expecting value",
            "(an empty body)",
        ),
        (b"[1,,2]", TransientError, "the answer is not JSON: Expecting value", "[1,,2]"),
        (b"[1] [2]", TransientError, "the answer is not JSON: Extra data", "[1] [2]"),
        (b"Sorry", TransientError, "the answer is not JSON: Expecting value", "Sorry"),
    ],
)
def test_a_body_that_is_not_json_is_worth_a_retry(
    body: bytes, kind: type[LoadError], reason: str, message: str
) -> None:
    failed = failure(body)

    assert type(failed) is kind
    assert failed.reason.startswith(reason)
    assert failed.service_message == message


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" * 2000 + b"]" * 2000, "the answer is JSON that is nested too deeply"),
        (b'{"a":' * 2000 + b"1" + b"}" * 2000, "the answer is JSON that is nested too deeply"),
        (b"[NaN," + b"[" * 2000 + b"]" * 2001, "the answer is JSON that is nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "the answer has a number with thousands of digits"),
    ],
)
def test_json_that_no_retry_makes_readable_is_a_permanent_failure(body: bytes, reason: str) -> None:
    failed = failure(body)

    assert type(failed) is PermanentError
    assert failed.reason == reason
    assert len(failed.service_message) == 300


def test_an_error_that_is_nested_deeply_is_a_failure() -> None:
    failed = failure(b'{"error": ' + b"[" * 1000 + b"]" * 1000 + b"}")

    assert type(failed) is OverloadedError
    assert failed.service_message == "[[[[[[[...]]]]]]]"


def test_a_failure_in_another_charset_is_shown_by_it() -> None:
    body = '{"error": "Zeitüberschreitung"}'.encode("utf-16")
    failed = failure(body, 500, content_type="application/json; charset=utf-16")

    assert failed.service_message == "Zeitüberschreitung"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 8 ", 8.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("\u00b2", 0.0),
        ("1.5", 1.5),
        ("1e400", 0.0),
        ("inf", 0.0),
        ("9" * 400, 86_400.0),
        ("Fri, 22 Aug 2025 08:00:50", 50.0),
        ("Fri, 22 Aug 9999 08:00:50 GMT", 86_400.0),
        ("Fri, 22 Aug 99999 08:00:50 GMT", 0.0),
        ("Fri, 22 Aug -2025 08:00:50 GMT", 0.0),
        ("Fri, 22 Aug 2025 08:00:50 +9999", 0.0),
        ("Fri, 99 Aug 2025 99:99:99 GMT", 0.0),
        ("Fri, 22 Aug 2025 08:00:50 GMT", 50.0),
        ("Fri, 22 Aug 2025 08:00:50 -0000", 50.0),
        ("Fri, 22 Aug 2025 00:01:00 -0800", 60.0),
        ("Fri, 22 Aug 2025 07:00:00 GMT", 0.0),
    ],
)
def test_the_requested_pause_is_read_in_seconds(header: str, seconds: float) -> None:
    failed = failure(b"", 429, retry_after=header)

    assert isinstance(failed, TransientError)
    assert failed.retry_after == seconds


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ({}, OverloadedError),
        ({"retry_after": "soon"}, OverloadedError),
        ({"retry_after": "-5"}, OverloadedError),
        ({"retry_after": "0"}, TransientError),
        ({"retry_after": "5"}, TransientError),
        ({"retry_after": "Fri, 22 Aug 2025 07:00:00 GMT"}, TransientError),
    ],
)
def test_a_server_that_asks_for_a_pause_is_not_overloaded_by_the_request(
    header: dict[str, str], kind: type[LoadError]
) -> None:
    assert type(failure(b"", 503, **header)) is kind
    assert type(failure(b'{"error": {"code": 500}}', 200, **header)) is kind


@given(st.text(max_size=40))
def test_no_requested_pause_breaks_the_client(header: str) -> None:
    failed = failure(b"", 429, retry_after=header)

    assert isinstance(failed, TransientError)
    assert 0 <= failed.retry_after <= 86_400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(MEMBERS), inner),
    max_leaves=8,
)


@given(JSON, st.sampled_from([200, 204, 400, 429, 500]))
def test_no_error_object_breaks_the_client(value: Any, status: int) -> None:
    body = json.dumps({"error": value, "status": "error"}).encode()
    try:
        read(body, status)
    except LoadError as error:
        str(error).encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "(an empty body)"),
        (b"<br>", "(an empty body)"),
        (b"plain  words\n here", "plain words here"),
        (b"a\x1b[31m\0 colour", "a [31m colour"),
        (b"<style>\np {}\n</style><h1>Down</h1>&amp; out<script>x<y</script>", "Down & out"),
        (b"bad \xff byte", "bad \ufffd byte"),
        (b"z" * 301, "z" * 300),
        (b" " * 4000 + b"late", "(an empty body)"),
    ],
)
def test_an_excerpt_is_one_line_of_plain_text(body: bytes, text: str) -> None:
    assert excerpt(body) == text
