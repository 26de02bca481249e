"""A time limit for all of a thread's reads from a connection.

A server that sends a byte now and then, or one interim response after the other, never exceeds the
time for a single read. httpx has no public hook below its requests, so this replaces the network
backend of its connection pools. No upstream issue is known; a test fails when it no longer helps
(tests/loaders/test_http_deadlines.py).
"""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import httpcore
import httpx

_LIMIT = local()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Reads of this thread fail with `httpx.ReadTimeout` once the time is over.

    The connections must belong to a client that was given to `limit_reads`.
    """
    _LIMIT.until = time.monotonic() + seconds
    try:
        yield
    finally:
        del _LIMIT.until


def limit_reads(client: httpx.Client) -> None:
    """Make a client's connections keep to the limit of the thread that reads."""
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            pool = transport._pool
            pool._network_backend = _Backend(pool._network_backend)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_tcp(*args, **options))

    def connect_unix_socket(self, *args: Any, **options: Any) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_unix_socket(*args, **options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        until = getattr(_LIMIT, "until", None)
        if until is not None:
            left = until - time.monotonic()
            if left <= 0:
                raise httpcore.ReadTimeout("the answer takes too long")
            timeout = left if timeout is None else min(timeout, left)
        return self._inner.read(max_bytes, timeout)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
