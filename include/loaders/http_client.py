"""The HTTP client of one load: pooled, compressed, verified, with retries.

A response is JSON, or an error that says whether to try again.
"""

import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from threading import Event, Lock, Semaphore
from typing import Any, Self, TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from include.loaders.addresses import check_address, chunks, send
from include.loaders.bodies import TOO_DEEP, TooLargeError, decompressed
from include.loaders.deadlines import limit_reads, time_limit
from include.loaders.errors import (
    CancelledError,
    OverloadedError,
    PermanentError,
    TokenError,
    TransientError,
)
from include.loaders.options import LoadOptions, Origin
from include.loaders.responses import SUCCESS, Response
from include.loaders.tls import expiry_notes, find_bundle, tls_context
from include.loaders.transport_errors import transport_error

USER_AGENT = "ddrc-data-pipelines (+https://github.com/cagov/ddrc-data-pipelines)"
# Proxies and IIS refuse longer addresses; a longer query is sent by POST.
LONGEST_ADDRESS = 1800
LONGEST_DESCRIPTION = 400
# The characters that a header may hold; ArcGIS's own tokens have fewer.
TOKEN = re.compile(r"[!-~]+")
# How many answers are parsed at once: more threads would only wait for each other's Python.
PARSERS = 2
# Full jitter between half a second and half a minute keeps many readers from retrying in step.
BACKOFF = wait_random_exponential(multiplier=1, min=0.5, max=30)

Result = TypeVar("Result")


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
            TokenError: The token cannot be sent.
            PermanentError: The proxy in the environment cannot be used.
        """
        if origin.token and not TOKEN.fullmatch(origin.token):
            raise TokenError(
                source,
                "the token has a space, a line break or another character that cannot be sent; "
                "store it again",
            )
        bundle = find_bundle(source, origin)
        context = tls_context(source, bundle)
        self.source = source
        self.requests = 0
        self.bytes = 0
        self.notes = expiry_notes(bundle, options.now())
        self.stopping = Event()
        self._options = options
        self._lock = Lock()
        self._parsers = Semaphore(PARSERS)
        self._blocked_until = 0.0
        headers = {
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "gzip",
            "Accept": "*/*",
            "Cache-Control": "no-cache",
        }
        if origin.token:
            headers["X-Esri-Authorization"] = f"Bearer {origin.token}"
        # A redirect must not carry a token to another host.
        self._same_origin = bool(origin.token)
        try:
            self._http = httpx.Client(
                headers=headers,
                verify=context,
                timeout=httpx.Timeout(options.timeout_seconds),
                limits=httpx.Limits(max_connections=options.concurrency + 1),
                # httpx would turn a form into a GET without it, and follow to any host.
                follow_redirects=False,
            )
            limit_reads(self._http)
        except (httpx.InvalidURL, ImportError, ValueError) as error:
            reason = f"the proxy in the environment cannot be used ({error})"
            raise PermanentError(source, reason) from error

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
        request = self._request(url, query)
        retrying = _retrying(self._options.retry_seconds, self.pause, tries)
        try:
            result: Result = retrying(self._read_once, request, parse)
        except CancelledError:
            raise
        except TransientError as error:
            count = retrying.statistics["attempt_number"]
            error.reason += f" (requested {count} times)" if count > 1 else ""
            raise
        except TooLargeError as error:
            # The same request brings the same answer; one for fewer rows may not.
            kind = PermanentError if tries is None else OverloadedError
            raise kind(self.source, str(error), _describe(request)) from error
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

    def _request(self, url: str, query: Mapping[str, str] | None) -> httpx.Request:
        try:
            request = self._http.build_request("GET", url, params=query or None)
            check_address(request.url)
        except (httpx.InvalidURL, ValueError) as error:
            # The address may have line breaks or characters that no terminal can show.
            shown = _cut("GET " + url.encode("unicode_escape").decode())
            raise transport_error(self.source, error, None, shown) from error
        if len(str(request.url)) > LONGEST_ADDRESS:
            request = self._http.build_request("POST", url, data=dict(query or {}))
        return request

    def _read_once(self, request: httpx.Request, parse: Callable[[Any], Result]) -> Result:
        self._wait_while_blocked()
        with time_limit(self._options.request_seconds):
            response = self._send(request)
        try:
            with self._parsers:
                return parse(response.json(self._options.now()))
        except RecursionError as error:
            raise PermanentError(self.source, TOO_DEEP, response.request) from error
        except TransientError as error:
            self._block_for(error.retry_after)
            raise

    def _send(self, request: httpx.Request) -> Response:
        """Send a request, follow its redirects, and read the last response."""
        began, received, body = self._options.monotonic(), 0, io.BytesIO()
        description = _describe(request)

        def check_time() -> None:
            if self._options.monotonic() - began > self._options.request_seconds:
                limit = f"{self._options.request_seconds:g} seconds"
                raise OverloadedError(
                    self.source, f"no complete answer within {limit}", description
                )

        def arriving(response: httpx.Response) -> Iterator[bytes]:
            nonlocal received
            for chunk in chunks(response):
                received += len(chunk)
                yield chunk
                check_time()

        response: httpx.Response | None = None
        try:
            response = send(
                self._http, request, same_origin=self._same_origin, check_time=check_time
            )
            description = _describe(request, response.url)
            codings = response.headers.get("content-encoding", "")
            for piece in decompressed(arriving(response), codings):
                body.write(piece)
        except (httpx.HTTPError, httpx.InvalidURL, zlib.error, EOFError, ValueError) as error:
            # The status of a failure counts, whatever its body is.
            if response is None or response.status_code in SUCCESS:
                if isinstance(error, TooLargeError):
                    raise
                address = _address(error, request) if response is None else response.url
                description = _describe(request, address)
                raise transport_error(self.source, error, address, description) from error
        finally:
            if response is not None:
                response.close()
                with self._lock:
                    self.requests += 1 + len(response.history)
                    self.bytes += received
        return Response(
            self.source, description, response.status_code, response.headers, body.getvalue()
        )

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


def _address(error: Exception, request: httpx.Request) -> httpx.URL:
    """The address that failed: that of the last redirect, if any was followed."""
    try:
        return error.request.url if isinstance(error, httpx.RequestError) else request.url
    except RuntimeError:
        return request.url


def _describe(request: httpx.Request, reached: httpx.URL | None = None) -> str:
    """A request in one line, cut if it is long.

    `reached` is the address that its redirects lead to.
    """
    text = f"{request.method} {request.url}"
    if request.method == "POST":
        text += f" with {request.content.decode()}"
    text = _cut(text)
    if reached is not None and reached != request.url:
        text += f", redirected to {_cut(str(reached))}"
    return text


def _cut(text: str) -> str:
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
