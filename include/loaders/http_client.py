"""The HTTP client of one load: pooled, compressed, verified, with retries."""

from collections.abc import Callable, Mapping
from threading import Event, Lock, Semaphore
from typing import Any, Self, TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from include.loaders.errors import CancelledError, CertificateError, PermanentError, TransientError
from include.loaders.options import LoadOptions, Origin
from include.loaders.responses import Response
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

    def read_json(self, url: str, query: Mapping[str, str] | None = None) -> Any:
        """The JSON that the server answers; the errors are those of `read`."""
        return self.read(url, query, lambda answer: answer)

    def read(
        self, url: str, query: Mapping[str, str] | None, parse: Callable[[Any], Result]
    ) -> Result:
        """Request an address until its answer can be parsed.

        Args:
            url: The address, without the query.
            query: Sent by POST if the address would be too long with it.
            parse: Makes the result of the answer's JSON; a `TransientError` is retried.

        Raises:
            TransientError: The request failed until the time for retries was over.
            PermanentError: The service refuses, or its certificate cannot be verified.
        """
        request = self._http.build_request("GET", url, params=query or None)
        if len(str(request.url)) > LONGEST_ADDRESS:
            request = self._http.build_request("POST", url, data=dict(query or {}))
        tries = _retrying(self._options.retry_seconds, self.pause)
        try:
            result: Result = tries(self._read_once, request, parse)
        except CancelledError:
            raise
        except TransientError as error:
            count = tries.statistics["attempt_number"]
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
            raise TransientError(
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
                    raise TransientError(
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


def _retrying(budget: float, sleep: Callable[[float], None]) -> Retrying:
    """Retries a call after transient failures, for at most `budget` seconds.

    A server's own `Retry-After` counts; if it is longer than what is left, the call has failed.
    The last failure is raised as it is.
    """

    def wait(state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome is not None else None
        requested = failure.retry_after if isinstance(failure, TransientError) else 0.0
        return max(BACKOFF(state), requested)

    def is_spent(state: RetryCallState) -> bool:
        # The waits count even where a test's clock does not move.
        spent = max(state.seconds_since_start or 0.0, state.idle_for)
        return spent + state.upcoming_sleep > budget

    return Retrying(
        retry=retry_if_exception(_may_pass), wait=wait, stop=is_spent, sleep=sleep, reraise=True
    )


def _may_pass(failure: BaseException) -> bool:
    return isinstance(failure, TransientError) and not isinstance(failure, CancelledError)
