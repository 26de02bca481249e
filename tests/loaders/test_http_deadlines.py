"""An answer that never ends, whatever it is made of, ends the request."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import pytest

from include.loaders import LoadOptions, Origin, OverloadedError
from include.loaders.http_client import Client

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def interim(send: Callable[[bytes], None]) -> None:
    send(b"HTTP/1.1 102 Processing\r\n\r\n")


def header(send: Callable[[bytes], None]) -> None:
    send(b"a")


def extension(send: Callable[[bytes], None]) -> None:
    send(b"x")


@contextmanager
def dripping(begin: bytes, drip: Callable[[Callable[[bytes], None]], None]) -> Iterator[str]:
    """A server that begins its answer and then drips for ever; its address."""
    stopped = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65_536)
                connection.sendall(begin)
                while not stopped.wait(0.02):
                    drip(connection.sendall)

        def accept() -> None:
            while not stopped.is_set():
                with suppress(TimeoutError):
                    Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

        thread = Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stopped.set()
            thread.join()


@pytest.mark.parametrize(
    ("begin", "drip"),
    [
        (b"", interim),
        (HEADERS + b"X-Slow: ", header),
        (HEADERS + b"Transfer-Encoding: chunked\r\n\r\n5;", extension),
        (HEADERS + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nX-Trailer: ", header),
    ],
    ids=["interim responses", "a header", "a chunk's extension", "a trailer"],
)
@pytest.mark.usefixtures("few_roots")
def test_a_server_that_drips_for_ever_is_given_up(
    begin: bytes, drip: Callable[[Callable[[bytes], None]], None]
) -> None:
    options = LoadOptions(request_seconds=0.2, retry_seconds=0.0)
    with (
        dripping(begin, drip) as url,
        Client("epa", Origin(), options) as client,
        pytest.raises(OverloadedError, match="no complete answer"),
    ):
        client.read_json(url)
