"""One polite HTTP client for one load: pooled, compressed, verified, patient."""

from collections.abc import Callable, Mapping
from threading import Event, Lock, Semaphore
from typing import Any, Self, TypeVar

import httpx

from include.loaders.answers import Answer
from include.loaders.errors import CancelledError, CertificateError, PermanentError, TransientError
from include.loaders.options import LoadOptions, Origin
from include.loaders.retries import retrying
from include.loaders.tls import bundle_of, context_for, expiry_notes
from include.loaders.transport import describe, open_http, request_for

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

    def ask(self, url: str, query: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
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
