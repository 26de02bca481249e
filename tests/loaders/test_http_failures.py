"""Failures of connections: each is one typed error, which says whether to try again."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.loaders import (
    CertificateError,
    LoadError,
    LoadOptions,
    Origin,
    OverloadedError,
    PermanentError,
    TokenError,
    TransientError,
)
from include.loaders.http_client import Client
from tests.loaders.service import Reply, Service, serving
from tests.loaders.steady_clock import Clock

pytestmark = pytest.mark.usefixtures("few_roots")
URL = "https://x/list"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def failed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., LoadError]:
    """The error of a request whose connection raises an exception."""
    original = httpx.Client

    def fail(error: Exception, url: str = URL) -> LoadError:
        def answer(_: httpx.Request) -> httpx.Response:
            raise error

        monkeypatch.setattr(
            httpx,
            "Client",
            lambda **given: original(transport=httpx.MockTransport(answer), **given),
        )
        with (
            Client("epa", Origin(), Clock().options(retry_seconds=0.0)) as client,
            pytest.raises(LoadError) as caught,
        ):
            client.read_json(url)
        assert caught.value.source == "epa"
        return caught.value

    return fail


@pytest.fixture(scope="module")
def garbled() -> Iterator[Service]:
    with serving(lambda _: Reply(b"[]")) as service:
        yield service


# Each exception of httpx with the text that it has in practice.
EXCEPTIONS: list[tuple[type[Exception], str, type[LoadError]]] = [
    (httpx.HTTPError, "failed", TransientError),
    (httpx.RequestError, "failed", TransientError),
    (httpx.TransportError, "failed", TransientError),
    (httpx.TimeoutException, "timed out", TransientError),
    (httpx.ConnectTimeout, "timed out", TransientError),
    (httpx.PoolTimeout, "timed out", TransientError),
    (httpx.ReadTimeout, "timed out", OverloadedError),
    (httpx.WriteTimeout, "timed out", OverloadedError),
    (httpx.NetworkError, "failed", TransientError),
    (httpx.ConnectError, "[Errno -2] Name or service not known", TransientError),
    (httpx.ConnectError, "[Errno 111] Connection refused", TransientError),
    (httpx.ReadError, "[Errno 104] Connection reset by peer", OverloadedError),
    (httpx.WriteError, "[Errno 32] Broken pipe", OverloadedError),
    (httpx.CloseError, "failed", TransientError),
    (httpx.ProtocolError, "failed", TransientError),
    (httpx.LocalProtocolError, "Illegal header value b'Bearer s3cret\\n'", PermanentError),
    (httpx.RemoteProtocolError, "illegal status line", TransientError),
    (httpx.RemoteProtocolError, "bad Content-Length", TransientError),
    (
        httpx.RemoteProtocolError,
        "Server disconnected without sending a response.",
        OverloadedError,
    ),
    (
        httpx.RemoteProtocolError,
        "peer closed connection without sending complete message body",
        OverloadedError,
    ),
    (httpx.RemoteProtocolError, "Invalid URL in location header: x.", PermanentError),
    (httpx.ProxyError, "403 Forbidden", PermanentError),
    (httpx.ProxyError, "407 Proxy Authentication Required", PermanentError),
    (httpx.ProxyError, "408 Request Timeout", TransientError),
    (httpx.ProxyError, "429 Too Many Requests", TransientError),
    (httpx.ProxyError, "502 Bad Gateway", TransientError),
    (httpx.ProxyError, "Proxy Server could not connect: Host unreachable.", TransientError),
    (httpx.UnsupportedProtocol, "Request URL is missing a protocol.", PermanentError),
    (httpx.DecodingError, "incorrect header check", TransientError),
    (httpx.TooManyRedirects, "Exceeded maximum allowed redirects.", PermanentError),
    (httpx.InvalidURL, "Invalid port: 'x'", PermanentError),
    (UnicodeError, "label empty or too long", PermanentError),
    (ValueError, "embedded null character", PermanentError),
]


@pytest.mark.parametrize(("error", "text", "kind"), EXCEPTIONS)
def test_each_exception_of_a_connection_has_its_kind(
    failed: Callable[..., LoadError], error: type[Exception], text: str, kind: type[LoadError]
) -> None:
    failure = failed(error(text))

    assert type(failure) is kind
    assert failure.request == f"GET {URL}"
    assert "s3cret" not in str(failure)


def test_no_exception_of_httpx_is_left_out() -> None:
    def with_subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
        yield kind
        for each in kind.__subclasses__():
            yield from with_subclasses(each)

    listed = {error for error, _, _ in EXCEPTIONS}
    # No request raises it: only `Response.raise_for_status`, which the loaders do not call.
    # Other packages, such as Airflow, have subclasses of their own.
    known = {each for each in with_subclasses(httpx.HTTPError) if each.__module__ == "httpx"}
    assert known - listed == {httpx.HTTPStatusError}


TLS = [
    ("CERTIFICATE_VERIFY_FAILED", CertificateError),
    ("WRONG_VERSION_NUMBER", PermanentError),
    ("UNSUPPORTED_PROTOCOL", PermanentError),
    ("TLSV1_ALERT_PROTOCOL_VERSION", PermanentError),
    ("NO_PROTOCOLS_AVAILABLE", PermanentError),
    ("SSLV3_ALERT_HANDSHAKE_FAILURE", PermanentError),
    ("DH_KEY_TOO_SMALL", PermanentError),
    ("UNSAFE_LEGACY_RENEGOTIATION_DISABLED", PermanentError),
    ("TLSV1_UNRECOGNIZED_NAME", PermanentError),
    ("TLSV13_ALERT_CERTIFICATE_REQUIRED", PermanentError),
    ("BAD_SIGNATURE_ALGORITHM", PermanentError),
    ("EE_KEY_TOO_SMALL", PermanentError),
    ("HTTP_REQUEST", PermanentError),
    ("NO_CIPHERS_AVAILABLE", PermanentError),
    ("SSLV3_ALERT_BAD_CERTIFICATE", PermanentError),
    ("TLSV1_ALERT_INSUFFICIENT_SECURITY", PermanentError),
    ("VERSION_TOO_LOW", PermanentError),
    ("WRONG_SIGNATURE_TYPE", PermanentError),
    ("WRONG_SSL_VERSION", PermanentError),
    ("UNEXPECTED_EOF_WHILE_READING", TransientError),
    ("TLSV1_ALERT_INTERNAL_ERROR", TransientError),
    ("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", TransientError),
]


@pytest.mark.parametrize(("reason", "kind"), TLS)
def test_a_failure_of_tls_stays_or_may_pass(
    failed: Callable[..., LoadError], reason: str, kind: type[LoadError]
) -> None:
    text = f"[SSL: {reason}] some words (_ssl.c:1006)"

    failure = failed(httpx.ConnectError(text))
    assert type(failure) is kind
    assert text in failure.reason
    # A connection that breaks within an answer is lost, whatever its reason.
    later = failed(httpx.ReadError(text))
    assert type(later) is (OverloadedError if kind is TransientError else kind)


@pytest.mark.parametrize(
    ("url", "server"),
    [("https://x/list", "x"), ("https://x:443/list", "x"), ("https://x:8443/list", "x:8443")],
)
def test_a_certificate_that_cannot_be_verified_names_the_command(
    failed: Callable[..., LoadError], url: str, server: str
) -> None:
    failure = failed(httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] unable"), url)

    assert failure.reason == (
        "the certificate of x cannot be verified ([SSL: CERTIFICATE_VERIFY_FAILED] unable); see "
        f"what it sends with: python -m include.loaders trust {server}"
    )


def test_a_server_without_tls_is_a_permanent_failure(garbled: Service) -> None:
    options = Clock().options(timeout_seconds=10.0)
    with Client("epa", Origin(), options) as client, pytest.raises(PermanentError) as caught:
        client.read_json(garbled.url.replace("http://", "https://"))

    assert caught.value.reason.startswith("no TLS connection is possible ([SSL: ")
    assert caught.value.reason.endswith("; check the address and its port")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"\0\1\2 garbage\r\n\r\n", TransientError),
        (b"SSH-2.0-OpenSSH_9.2\r\n", OverloadedError),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", TransientError),
        (b"HTTP/1.1 200", OverloadedError),
        (OK + b": x\r\n\r\n[1]", TransientError),
        (OK + b"no colon\r\n\r\n[1]", TransientError),
        (OK + b"X: " + b"y" * 200_000 + b"\r\n\r\n[1]", TransientError),
        (OK + b"Content-Length: -1\r\n\r\n[1]", TransientError),
        (OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n[1]", TransientError),
        (OK + b"Content-Length: 4\r\n\r\n[1]", OverloadedError),
        (OK + b"Content-Length: 2\r\n\r\n[1]", OverloadedError),
        (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", TransientError),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[1]", TransientError),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\n[1]", OverloadedError),
        (OK + b"\r\n[1", OverloadedError),
        (OK + b"\r\n", OverloadedError),
        (OK + b"Content-Encoding: gzip\r\n\r\n[1]", TransientError),
        (OK + b"Content-Encoding: br\r\n\r\n[1]", PermanentError),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n[1]", TransientError),
        (b"HTTP/1.1 204 No Content\r\n\r\n", OverloadedError),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", PermanentError),
        (b"HTTP/1.1 999 Odd\r\n\r\n[1]", TransientError),
        (b"HTTP/1.1 503 Busy\r\nContent-Encoding: br\r\nRetry-After: 1\r\n\r\nx", TransientError),
        (b"HTTP/1.1 404 Gone\r\nContent-Encoding: gzip\r\n\r\nnot gzip", PermanentError),
        (b"HTTP/1.1 404 Gone\r\nContent-Length: 900\r\n\r\nhalf", PermanentError),
        (b"HTTP/1.1 302 Moved\r\nLocation: http://[\r\n\r\n", PermanentError),
        (b"HTTP/1.1 302 Moved\r\nLocation: http://h:abc/\r\n\r\n", PermanentError),
        (b"HTTP/1.1 302 Moved\r\nLocation: http://xn--/\r\n\r\n", PermanentError),
    ],
)
def test_each_broken_response_has_its_kind(
    garbled: Service, raw: bytes, kind: type[LoadError]
) -> None:
    garbled.always(lambda _: True, Reply(b"", raw=raw))
    options = Clock().options(retry_seconds=0.0)
    with Client("epa", Origin(), options) as client, pytest.raises(LoadError) as caught:
        client.read_json(garbled.url)

    assert type(caught.value) is kind
    assert len(caught.value.reason) < 400


@pytest.mark.parametrize(
    "header",
    [
        b"X: \xff\xfe",
        b"Content-Type: \xe4; charset=\xff",
        b"Content-Type: ;;; charset",
        b"Set-Cookie: =;;;=; Max-Age=zz; domain=..",
        b"Retry-After: \xb2",
        b"Location: http://[",
        b"Content-Encoding: , identity,",
    ],
)
def test_a_header_that_does_not_matter_does_no_harm(garbled: Service, header: bytes) -> None:
    garbled.always(lambda _: True, Reply(b"", raw=OK + header + b"\r\n\r\n[1]"))
    with Client("epa", Origin(), Clock().options(retry_seconds=0.0)) as client:
        assert client.read_json(garbled.url) == [1]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.sampled_from([b"200 OK", b"302 Moved", b"429 Busy", b"500 Broken"]),
    header=st.sampled_from(
        [b"Content-Type", b"Content-Encoding", b"Location", b"Retry-After", b"Content-Length"]
    ),
    value=st.binary(max_size=20).map(lambda value: value.translate(None, b"\r\n\0")),
    body=st.binary(max_size=20),
)
def test_only_typed_errors_leave_the_client(
    garbled: Service, status: bytes, header: bytes, value: bytes, body: bytes
) -> None:
    raw = b"HTTP/1.1 " + status + b"\r\n" + header + b": " + value + b"\r\n\r\n" + body
    garbled.always(lambda _: True, Reply(b"", raw=raw))
    with Client("epa", Origin(), Clock().options(retry_seconds=0.0)) as client:
        try:
            client.read_json(garbled.url)
        except LoadError as error:
            str(error).encode()
    garbled.clear_scripts()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gis.water.ca.gov/arcgis/rest/services/x/0",
        "localhost:8080/x",
        "/arcgis/rest",
        "https:///x",
        "https://",
        "ftp://x/y",
        "file:///etc/passwd",
        "https://x:abc/",
        "https://x:99999/",
        "https://x:0/",
        "https://x y/",
        "https://x..gov/",
        "https://.gov/",
        "https://xn--/",
        "https://" + "a" * 64 + ".gov/",
        "https://[::1",
        "https://x/\n",
        "https://x\ud800/",
        "https://x/?a=\ud800",
    ],
)
@pytest.mark.parametrize("query", [None, {"f": "json"}, {"where": "x" * 2000}])
def test_an_address_that_is_not_valid_is_a_permanent_failure_at_once(
    url: str, query: dict[str, str] | None
) -> None:
    clock = Clock()
    with Client("epa", Origin(), clock.options()) as client, pytest.raises(LoadError) as caught:
        client.read_json(url, query)

    assert type(caught.value) is PermanentError
    assert caught.value.reason.startswith("the address is not valid (")
    assert str(caught.value).encode().startswith(b"epa: the address is not valid")
    assert (client.requests, clock.pauses) == (0, [])


@pytest.mark.parametrize("url", ["gis.water.ca.gov/arcgis", "localhost:8080/x", "https:///x"])
def test_an_address_without_a_scheme_or_a_host_says_what_is_missing(url: str) -> None:
    with Client("epa", Origin(), LoadOptions()) as client, pytest.raises(LoadError) as caught:
        client.read_json(url)
    assert str(caught.value) == (
        "epa: the address is not valid (it must begin with http:// or https:// and a host). "
        f"Request: GET {url}."
    )


def test_a_damaged_answer_is_described(garbled: Service) -> None:
    garbled.always(lambda _: True, Reply(b"[1]", 200, {"Content-Encoding": "gzip"}))
    options = Clock().options(retry_seconds=0.0)
    with Client("epa", Origin(), options) as client, pytest.raises(LoadError) as caught:
        client.read_json(garbled.url)
    assert caught.value.reason.startswith("the compressed answer is damaged (Error -3 ")


def test_a_query_that_cannot_be_written_is_a_permanent_failure() -> None:
    with (
        Client("epa", Origin(), LoadOptions()) as client,
        pytest.raises(PermanentError, match="the address is not valid"),
    ):
        client.read_json(URL, {"where": "\ud800"})


@pytest.mark.parametrize("token", ["two words", "line\n", "\rline", "tökén", "\0", "\x7f"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(TokenError) as caught:
        Client("epa", Origin(token=token), LoadOptions())

    assert str(caught.value) == (
        "epa: the token has a space, a line break or another character that cannot be sent; store "
        "it again."
    )


def test_a_proxy_that_cannot_be_used_is_a_permanent_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://user:s3cret@proxy:1")

    with pytest.raises(PermanentError) as caught:
        Client("epa", Origin(), LoadOptions())
    assert caught.value.reason.startswith("the proxy in the environment cannot be used (")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x/a?token=s3cret&f=json", "https://x/a?token=***&f=json"),
        ("https://x/a?f=json&access_token=s3cret", "https://x/a?f=json&access_token=***"),
        ("https://x/a?sv=1&sig=s3cret", "https://x/a?sv=1&sig=***"),
        ("https://me:s3cret@x/a", "https://***@x/a"),
        ("ftp://me:s3cret@x/a?Token=s3cret", "ftp://***@x/a?Token=***"),
    ],
)
def test_a_secret_in_an_address_is_not_shown(
    failed: Callable[..., LoadError], url: str, shown: str
) -> None:
    failure = failed(httpx.ConnectError("refused"), url)

    assert failure.request == f"GET {shown}"
    assert "s3cret" not in str(failure)


def test_a_result_that_is_nested_too_deeply_to_be_taken_is_a_permanent_failure(
    garbled: Service,
) -> None:
    garbled.always(lambda _: True, Reply(b"[" * 1000 + b"]" * 1000))

    def parse(value: Any) -> Any:
        return parse(value)

    with Client("epa", Origin(), Clock().options()) as client, pytest.raises(LoadError) as caught:
        client.read(garbled.url, None, parse)
    assert type(caught.value) is PermanentError
    assert caught.value.reason == "the answer is JSON that is nested too deeply"


def test_an_error_of_the_callers_own_is_passed_on(garbled: Service) -> None:
    garbled.clear_scripts()

    def parse(_: Any) -> None:
        raise PermanentError("epa", "no such field")

    with (
        Client("epa", Origin(), Clock().options()) as client,
        pytest.raises(PermanentError, match=r"^epa: no such field\.$"),
    ):
        client.read(garbled.url, None, parse)
