"""The HTTP client of one load: pooled, compressed, verified, with retries.

A response is JSON, or an error that says whether to try again.
"""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import Event, Lock, Semaphore
from typing import Any, Self, TypeVar

import httpx
import orjson
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from include.loaders.errors import (
    CancelledError,
    CertificateError,
    LoadError,
    OverloadedError,
    PermanentError,
    QueryRefusedError,
    TokenError,
    TransientError,
)
from include.loaders.options import LoadOptions, Origin
from include.loaders.tls import expiry_notes, find_bundle, tls_context

USER_AGENT = "ddrc-data-pipelines (+https://github.com/cagov/ddrc-data-pipelines)"
# Proxies and IIS refuse longer addresses; a longer query is sent by POST.
LONGEST_ADDRESS = 1800
LONGEST_DESCRIPTION = 400
# How many answers are parsed at once: more threads would only wait for each other's Python.
PARSERS = 2
# Full jitter between half a second and half a minute keeps many readers from retrying in step.
BACKOFF = wait_random_exponential(multiplier=1, min=0.5, max=30)

Result = TypeVar("Result")

# ArcGIS's own codes 498 (invalid token) and 499 (token required) come as either kind of status.
# https://developers.arcgis.com/rest/services-reference/enterprise/response-codes/
TOKEN_CODES = {401, 403, 498, 499}
TRANSIENT_CODES = {408, 425, 429}
SUCCESS = range(200, 300)
REDIRECTION = range(300, 400)
SERVER_ERRORS = range(500, 600)
# The most characters of a service's own message in an error.
EXCERPT = 300


@dataclass(frozen=True)
class Response:
    """One HTTP response.

    Attributes:
        source: The source's name, for messages.
        request: The request in one line.
        status: The HTTP status.
        headers: The response's headers, in any case.
        body: The decompressed body.
    """

    source: str
    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self, now: datetime) -> Any:
        """The body's JSON value.

        Args:
            now: The time of day in UTC, against which a `Retry-After` date is measured.

        Raises:
            TransientError: The server is busy or broken, or the body is not JSON.
            PermanentError: The service refuses the request; the subclass says how.
        """
        if self.status not in SUCCESS:
            message = _service_message(self.body)
            if self.status in REDIRECTION:
                message = (
                    f"the address has moved to {self.headers.get('location', 'an unknown address')}"
                )
            raise self._error(self.status, f"HTTP status {self.status}", message, now)
        if self.body.lstrip()[:1] == b"<":
            raise TransientError(
                self.source, "the answer is HTML, not JSON", self.request, excerpt(self.body)
            )
        try:
            value = _parse(self.body)
        except ValueError as error:
            reason = f"the answer is not complete JSON ({error})"
            raise OverloadedError(self.source, reason, self.request, excerpt(self.body)) from error
        if (failure := _failure_in(value)) is not None:
            code, message = failure
            raise self._error(code, f"an error inside HTTP 200, code {code}", message, now)
        return value

    def _error(self, code: int | None, reason: str, message: str, now: datetime) -> LoadError:
        kind: type[LoadError] = PermanentError
        if code is None or code in TRANSIENT_CODES or code < 0 or code >= SERVER_ERRORS.start:
            pause = _seconds(self.headers.get("retry-after", ""), now)
            is_overload = code in SERVER_ERRORS and pause is None
            busy = (OverloadedError if is_overload else TransientError)(
                self.source, reason, self.request, message
            )
            busy.retry_after = pause or 0.0
            return busy
        if code in TOKEN_CODES:
            kind, reason = TokenError, f"{reason}: no access"
        elif code == HTTPStatus.BAD_REQUEST:
            kind, reason = QueryRefusedError, f"{reason}: the query is refused"
        elif code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            reason = f"{reason}: not found"
        return kind(self.source, reason, self.request, message)


def excerpt(body: bytes) -> str:
    """The beginning of a body as one line of plain text."""
    start = body[:4000].decode("utf-8", "replace")
    text = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", start)
    return " ".join(html.unescape(text).split())[:EXCERPT] or "(an empty body)"


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # Some servers write a bare NaN, which is not JSON; the standard library reads it.
        return json.loads(body)


def _failure_in(value: Any) -> tuple[int | None, str] | None:
    """The code and the message of an error that came with a successful status; `None` if none."""
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    if error is None and value.get("status") == "error":
        error = {"code": value.get("code"), "details": value.get("messages")}
    if error is None:
        return None
    if not isinstance(error, dict):
        return None, str(error)[:EXCERPT]
    details = error.get("details") or []
    words = [error.get("message"), *(details if isinstance(details, list) else [details])]
    code = error.get("code")
    message = "; ".join(dict.fromkeys(str(word).strip(" .") for word in words if word))
    return (code if isinstance(code, int) else None), message[:EXCERPT]


def _service_message(body: bytes) -> str:
    try:
        failure = _failure_in(orjson.loads(body))
    except orjson.JSONDecodeError:
        failure = None
    return failure[1] if failure else excerpt(body)


def _seconds(retry_after: str, now: datetime) -> float | None:
    """A `Retry-After` header in seconds; it is a number or a date (RFC 9110, section 10.2.3)."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


class Client:
    """Requests JSON from one source, from several threads at once.

    Attributes:
        source: The source's name, for messages.
        requests: How many requests were made, retries included.
        bytes: What came over the wire, in bytes.
        notes: What a person should know about the connection.
        stopping: Set to give up every request that waits for its next try.
    """

    def __init__(self, source: str, origin: Origin, options: LoadOptions) -> None:
        """Prepare to connect; the first request does.

        Raises:
            CertificateError: The source's certificate bundle is missing or unreadable.
        """
        bundle = find_bundle(source, origin)
        self.source = source
        self.requests = 0
        self.bytes = 0
        self.notes = expiry_notes(bundle, options.now())
        self.stopping = Event()
        self._options = options
        self._lock = Lock()
        self._parsers = Semaphore(PARSERS)
        self._blocked_until = 0.0
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"}
        if origin.token:
            headers["X-Esri-Authorization"] = f"Bearer {origin.token}"
        self._http = httpx.Client(
            headers=headers,
            verify=tls_context(source, bundle),
            timeout=httpx.Timeout(options.timeout_seconds),
            limits=httpx.Limits(max_connections=options.concurrency + 1),
            # A redirect must not carry a token to another host.
            follow_redirects=origin.token is None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def read_json(
        self, url: str, query: Mapping[str, str] | None = None, *, tries: int | None = None
    ) -> Any:
        """The JSON that the server answers; the arguments and errors are those of `read`."""
        return self.read(url, query, lambda answer: answer, tries=tries)

    def read(
        self,
        url: str,
        query: Mapping[str, str] | None,
        parse: Callable[[Any], Result],
        *,
        tries: int | None = None,
    ) -> Result:
        """Request an address until its answer can be parsed.

        Args:
            url: The address, without the query.
            query: Sent by POST if the address would be too long with it.
            parse: Makes the result of the answer's JSON; a `TransientError` is retried.
            tries: After how many `OverloadedError`s to give up; by default they are retried for
                as long as any transient failure.

        Raises:
            OverloadedError: The server failed `tries` times; a smaller request may succeed.
            TransientError: The request failed until the time for retries was over.
            PermanentError: The service refuses, or its certificate cannot be verified.
        """
        request = self._http.build_request("GET", url, params=query or None)
        if len(str(request.url)) > LONGEST_ADDRESS:
            request = self._http.build_request("POST", url, data=dict(query or {}))
        retrying = _retrying(self._options.retry_seconds, self.pause, tries)
        try:
            result: Result = retrying(self._read_once, request, parse)
        except CancelledError:
            raise
        except TransientError as error:
            count = retrying.statistics["attempt_number"]
            error.reason += f" (requested {count} times)" if count > 1 else ""
            raise
        return result

    def pause(self, seconds: float) -> None:
        """Wait, unless the load is being given up.

        Raises:
            CancelledError: The load is being given up.
        """
        if self._options.sleep is not None:
            self._options.sleep(seconds)
        else:
            self.stopping.wait(seconds)
        if self.stopping.is_set():
            raise CancelledError(self.source, "given up, because another request had failed")

    def _read_once(self, request: httpx.Request, parse: Callable[[Any], Result]) -> Result:
        self._wait_while_blocked()
        description = _describe(request)
        try:
            response = self._send(request, description)
        except httpx.HTTPError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                host = request.url.host
                raise CertificateError(
                    self.source,
                    f"the certificate of {host} cannot be verified ({error}); see what it sends "
                    f"with: python -m include.loaders trust {host}",
                    description,
                ) from error
            is_overload = isinstance(
                error,
                httpx.ReadTimeout
                | httpx.WriteTimeout
                | httpx.ReadError
                | httpx.WriteError
                | httpx.RemoteProtocolError,
            )
            raise (OverloadedError if is_overload else TransientError)(
                self.source, f"no complete answer ({type(error).__name__}: {error})", description
            ) from error
        except httpx.InvalidURL as error:
            raise PermanentError(
                self.source, f"the address is not valid ({error})", description
            ) from error
        try:
            with self._parsers:
                return parse(response.json(self._options.now()))
        except TransientError as error:
            self._block_for(error.retry_after)
            raise

    def _send(self, request: httpx.Request, description: str) -> Response:
        clock = self._options.monotonic
        began, chunks = clock(), []
        response = self._http.send(request, stream=True)
        try:
            for chunk in response.iter_bytes():
                chunks.append(chunk)
                if clock() - began > self._options.request_seconds:
                    limit = f"{self._options.request_seconds:g} seconds"
                    raise OverloadedError(
                        self.source, f"no complete answer within {limit}", description
                    )
        finally:
            response.close()
            with self._lock:
                self.requests += 1
                self.bytes += response.num_bytes_downloaded
        status, body = response.status_code, b"".join(chunks)
        return Response(self.source, description, status, response.headers, body)

    def _block_for(self, seconds: float) -> None:
        """Hold back every thread's next request, because the service asked for a pause."""
        with self._lock:
            self._blocked_until = max(self._blocked_until, self._options.monotonic() + seconds)

    def _wait_while_blocked(self) -> None:
        wait = self._blocked_until - self._options.monotonic()
        if wait > self._options.retry_seconds:
            busy = TransientError(self.source, f"the service requested a pause of {wait:.0f} s")
            busy.retry_after = wait
            raise busy
        if wait > 0:
            self.pause(wait)


def _describe(request: httpx.Request) -> str:
    """A request in one line, cut if it is long."""
    text = f"{request.method} {request.url}"
    if request.method == "POST":
        text += f" with {request.content.decode()}"
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[:LONGEST_DESCRIPTION]}…"


def _retrying(budget: float, sleep: Callable[[float], None], tries: int | None) -> Retrying:
    """Retries a call after transient failures, for at most `budget` seconds.

    With `tries`, the last of that many `OverloadedError`s ends it.

    A server's own `Retry-After` counts; if it is longer than what is left, the call has failed.
    The last failure is raised as it is.
    """

    def wait(state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome is not None else None
        requested = failure.retry_after if isinstance(failure, TransientError) else 0.0
        return max(BACKOFF(state), requested)

    overloads = 0

    def is_spent(state: RetryCallState) -> bool:
        nonlocal overloads
        failure = state.outcome.exception() if state.outcome is not None else None
        overloads += isinstance(failure, OverloadedError)
        if overloads == tries and isinstance(failure, OverloadedError):
            return True
        # The waits count even where a test's clock does not move.
        spent = max(state.seconds_since_start or 0.0, state.idle_for)
        return spent + state.upcoming_sleep > budget

    return Retrying(
        retry=retry_if_exception(_may_pass), wait=wait, stop=is_spent, sleep=sleep, reraise=True
    )


def _may_pass(failure: BaseException) -> bool:
    return isinstance(failure, TransientError) and not isinstance(failure, CancelledError)
