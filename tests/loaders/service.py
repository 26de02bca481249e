"""A small HTTP server whose responses a test scripts, one by one."""

import gzip
import json
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """A request to the server; a form counts as the query."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]

    @property
    def is_page(self) -> bool:
        """True for a request for rows, not for metadata, a count or ids."""
        counts = {"returnCountOnly", "returnIdsOnly"}
        return self.path.endswith("/query") and not counts & set(self.query)


@dataclass(frozen=True)
class Reply:
    """A response of the server; its body is compressed unless a header names its coding.

    `cut` is how many bytes of the body are not sent. `raw` is sent instead of a response, and ends
    the connection.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    raw: bytes = b""


Script = Callable[[Request], Reply | None]


def reply(value: object, status: int = 200, **headers: str) -> Reply:
    """A JSON response; keyword arguments are headers."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(json.dumps(value).encode(), status, named)


def esri_error(code: int, message: str = "", details: list[str] | None = None) -> Reply:
    """An error as ArcGIS sends it: inside HTTP 200."""
    return reply({"error": {"code": code, "message": message, "details": details or []}})


class Service:
    """A running server: its requests so far, and its responses.

    The first script that returns a response wins; `usual` answers the rest.
    """

    def __init__(self, usual: Callable[[Request], Reply]) -> None:
        self.requests: list[Request] = []
        self.usual = usual
        self.url = ""
        self._scripts: list[Script] = []
        self._lock = Lock()

    def script(self, answer: Script) -> None:
        """Try this script first, from now on."""
        with self._lock:
            self._scripts.insert(0, answer)

    def once(self, matches: Callable[[Request], bool], *answers: Reply) -> None:
        """Answer the first matching requests with these, one each."""
        left = list(answers)

        def answer(request: Request) -> Reply | None:
            return left.pop(0) if left and matches(request) else None

        self.script(answer)

    def always(self, matches: Callable[[Request], bool], answer: Reply) -> None:
        """Answer every matching request with this."""
        self.script(lambda request: answer if matches(request) else None)

    def clear_scripts(self) -> None:
        """Remove every script."""
        with self._lock:
            self._scripts.clear()

    def answer(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            for script in self._scripts:
                if (answer := script(request)) is not None:
                    return answer
            return self.usual(request)

    def pages(self) -> list[Request]:
        """The requests for rows."""
        return [request for request in self.requests if request.is_page]


class _Server(ThreadingHTTPServer):
    def handle_error(self, *address: Any) -> None:
        """Print what went wrong, unless the client has only closed its connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*address)


@contextmanager
def serving(
    usual: Callable[[Request], Reply], tls: ssl.SSLContext | None = None
) -> Iterator[Service]:
    """A service on a free port of this machine, until the block ends."""
    service = Service(usual)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two writes; the second would wait 40 ms for the client to answer.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._handle("")

        def do_POST(self) -> None:
            self._handle(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def log_message(self, *_: object) -> None:
            """Log nothing."""

        def _handle(self, form: str) -> None:
            url = urlsplit(self.path)
            query = dict(parse_qsl(url.query) + parse_qsl(form))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = service.answer(Request(self.command, url.path, query, headers))
            if answer.raw:
                self.wfile.write(answer.raw)
                self.close_connection = True
                return
            body = answer.body
            own = {"Content-Encoding": "gzip", "Content-Length": ""} | answer.headers
            if "Content-Encoding" not in answer.headers:
                body = gzip.compress(body)
            own["Content-Length"] = own["Content-Length"] or str(len(body))
            self.send_response(answer.status)
            for name, value in own.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) - answer.cut])
            self.close_connection = bool(answer.cut)

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http{'s' if tls else ''}://localhost:{server.server_address[1]}"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
