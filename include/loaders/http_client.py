"""One polite HTTP client for one load: pooled, compressed, verified, patient."""

import ssl
from collections.abc import Callable, Mapping
from threading import Event, Lock, Semaphore
from typing import Any, Self, TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from include.loaders.errors import CancelledError, CertificateError, PermanentError, TransientError
from include.loaders.options import LoadOptions, Origin
from include.loaders.responses import Answer
from include.loaders.tls import bundle_of, context_for, expiry_notes

# Full jitter between half a second and half a minute keeps many readers from asking in step.
_backoff = wait_random_exponential(multiplier=1, min=0.5, max=30)


def retrying(budget: float, sleep: Callable[[float], None]) -> Retrying:
    """Tries a call again after transient failures, for at most `budget` seconds.

    A server's own `Retry-After` counts; if it is longer than what is left, the call has failed.
    The last failure is raised as it is.

    Args:
        budget: Seconds, from the first try to the beginning of the last one.
        sleep: Waits for some seconds.
    """
    return Retrying(
        retry=retry_if_exception_type(TransientError) & _is_not_cancelled(),
        wait=_wait,
        stop=lambda state: _spent(state) + state.upcoming_sleep > budget,
        sleep=sleep,
        reraise=True,
    )


def _is_not_cancelled() -> Callable[[RetryCallState], bool]:
    return lambda state: not isinstance(_failure(state), CancelledError)


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None


def _wait(state: RetryCallState) -> float:
    failure = _failure(state)
    asked = failure.retry_after if isinstance(failure, TransientError) else 0.0
    return max(_backoff(state), asked)


def _spent(state: RetryCallState) -> float:
    # The waits count even where a test's clock stands still.
    return max(state.seconds_since_start or 0.0, state.idle_for)


USER_AGENT = "ddrc-data-pipelines (+https://github.com/cagov/ddrc-data-pipelines)"
# Proxies and IIS refuse longer addresses; a query beyond it goes by POST.
LONGEST_ADDRESS = 1800
SHOWN = 400


def open_http(origin: Origin, options: LoadOptions, context: ssl.SSLContext) -> httpx.Client:
    """A pooled client that names the project, takes gzip and verifies against `context`."""
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"}
    if origin.token:
        headers["X-Esri-Authorization"] = f"Bearer {origin.token}"
    return httpx.Client(
        headers=headers,
        verify=context,
        timeout=httpx.Timeout(options.timeout_seconds),
        limits=httpx.Limits(max_connections=options.concurrency + 1),
        # A token must not follow to another host.
        follow_redirects=origin.token is None,
    )


def request_for(http: httpx.Client, url: str, query: Mapping[str, str] | None) -> httpx.Request:
    """A GET, or a POST with the query as its form if the address would be too long."""
    request = http.build_request("GET", url, params=query or None)
    if len(str(request.url)) > LONGEST_ADDRESS:
        request = http.build_request("POST", url, data=dict(query or {}))
    return request


def describe(request: httpx.Request) -> str:
    """A request in one line, cut if it is long."""
    text = f"{request.method} {request.url}"
    if request.method == "POST":
        text += f" with {request.content.decode()}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


# How many answers are read at once: more threads would only wait for each other's Python.
READERS = 2

Result = TypeVar("Result")


class Client:
    """Asks one source for JSON, from several threads at once.

    Attributes:
        requests: How many requests were made, retries included.
        bytes: What came over the wire, in bytes.
        notes: What a person should know about the connection.
        stopping: Set to give up every request that waits to be tried again.
    """

    def __init__(self, source: str, origin: Origin, options: LoadOptions) -> None:
        bundle = bundle_of(source, origin)
        self.source = source
        self.requests = 0
        self.bytes = 0
        self.notes = expiry_notes(bundle, options.now())
        self.stopping = Event()
        self._options = options
        self._lock = Lock()
        self._desk = Semaphore(READERS)
        self._silent_until = 0.0
        self._http = open_http(origin, options, context_for(source, bundle))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, url: str, query: Mapping[str, str] | None = None) -> Any:
        """The JSON that the server answers; the errors are those of `ask_for`."""
        return self.ask_for(url, query, lambda answer: answer)

    def ask_for(
        self, url: str, query: Mapping[str, str] | None, read: Callable[[Any], Result]
    ) -> Result:
        """What `read` makes of the JSON that the server answers; a long query goes by POST.

        Raises:
            TransientError: It failed until the time for retries was over.
            PermanentError: The service refuses, or its certificate cannot be verified.
        """
        request = request_for(self._http, url, query)
        tries = retrying(self._options.retry_seconds, self.pause)
        try:
            result: Result = tries(self._ask_once, request, read)
        except CancelledError:
            raise
        except TransientError as error:
            count = tries.statistics["attempt_number"]
            error.reason += f" (asked {count} times)" if count > 1 else ""
            raise
        return result

    def pause(self, seconds: float) -> None:
        """Wait, unless the load is being given up.

        Raises:
            CancelledError: It is.
        """
        if self._options.sleep is not None:
            self._options.sleep(seconds)
        else:
            self.stopping.wait(seconds)
        if self.stopping.is_set():
            raise CancelledError(self.source, "given up, because another request had failed")

    def _ask_once(self, request: httpx.Request, read: Callable[[Any], Result]) -> Result:
        self._wait_for_silence()
        shown = describe(request)
        try:
            answer = self._send(request, shown)
        except httpx.HTTPError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                host = request.url.host
                raise CertificateError(
                    self.source,
                    f"the certificate of {host} cannot be verified ({error}); see what it sends "
                    f"with: python -m include.loaders trust {host}",
                    shown,
                ) from error
            raise TransientError(
                self.source, f"no complete answer ({type(error).__name__}: {error})", shown
            ) from error
        except httpx.InvalidURL as error:
            raise PermanentError(self.source, f"no valid address ({error})", shown) from error
        try:
            with self._desk:
                return read(answer.json(self._options.now()))
        except TransientError as error:
            self._keep_silent_for(error.retry_after)
            raise

    def _send(self, request: httpx.Request, shown: str) -> Answer:
        clock = self._options.monotonic
        began, chunks = clock(), []
        response = self._http.send(request, stream=True)
        try:
            for chunk in response.iter_bytes():
                chunks.append(chunk)
                if clock() - began > self._options.request_seconds:
                    limit = f"{self._options.request_seconds:g} seconds"
                    raise TransientError(self.source, f"no complete answer within {limit}", shown)
        finally:
            response.close()
            with self._lock:
                self.requests += 1
                self.bytes += response.num_bytes_downloaded
        status, body = response.status_code, b"".join(chunks)
        return Answer(self.source, shown, status, response.headers, body)

    def _keep_silent_for(self, seconds: float) -> None:
        with self._lock:
            self._silent_until = max(self._silent_until, self._options.monotonic() + seconds)

    def _wait_for_silence(self) -> None:
        """One thread was told to wait: so do the others, or they fail if it is for too long."""
        wait = self._silent_until - self._options.monotonic()
        if wait > self._options.retry_seconds:
            busy = TransientError(
                self.source, f"the service asked to be left alone for {wait:.0f} s"
            )
            busy.retry_after = wait
            raise busy
        if wait > 0:
            self.pause(wait)
