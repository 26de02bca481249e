"""Answers of servers: what is read, what is worth a retry, and what the failure says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from include.loaders import LoadError, PermanentError, QueryRefusedError, TokenError, TransientError
from include.loaders.http_client import Response, excerpt

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
        (500, TransientError, "HTTP status 500"),
        (503, TransientError, "HTTP status 503"),
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
        (b'{"error": "broke"}', TransientError, "None", "broke"),
        (b'{"error": {"code": -1, "message": "Odd"}}', TransientError, "-1", "Odd"),
        (b'{"error": {"code": 0, "message": "Odd"}}', PermanentError, "0", "Odd"),
        (b'{"error": {"code": "500", "message": "Odd"}}', TransientError, "None", "Odd"),
        (b'{"error": {"code": 500}}', TransientError, "500", ""),
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
            TransientError,
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
    ("body", "reason", "message"),
    [
        (b" \n<html><p>Maintenance</p>", "the answer is HTML, not JSON", "Maintenance"),
        (b'{"a": ', "the answer is not complete JSON (Expecting value: line 1", '{"a":'),
        (b"", "the answer is not complete JSON (Expecting value: line 1", "(an empty body)"),
    ],
)
def test_a_body_that_is_not_json_is_worth_a_retry(body: bytes, reason: str, message: str) -> None:
    failed = failure(body)

    assert type(failed) is TransientError
    assert failed.reason.startswith(reason)
    assert failed.service_message == message


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 8 ", 8.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
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
    ("body", "text"),
    [
        (b"", "(an empty body)"),
        (b"<br>", "(an empty body)"),
        (b"plain  words\n here", "plain words here"),
        (b"<style>\np {}\n</style><h1>Down</h1>&amp; out<script>x<y</script>", "Down & out"),
        (b"bad \xff byte", "bad \ufffd byte"),
        (b"z" * 301, "z" * 300),
        (b" " * 4000 + b"late", "(an empty body)"),
    ],
)
def test_an_excerpt_is_one_line_of_plain_text(body: bytes, text: str) -> None:
    assert excerpt(body) == text
