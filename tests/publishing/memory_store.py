"""A storage account in this process's memory, whose public container is served over HTTP.

It answers as Azure does: `test_stores.py` has the same tests for both.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock, Thread

from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.store import ChangedMeanwhileError, Place, Store, Stored, missing

JSON = {"content-type": "application/json", "cache-control": "public, max-age=60, must-revalidate"}
STREAM = {"content-type": "application/octet-stream"}


@dataclass(frozen=True)
class _File:
    stored: Stored
    headers: Mapping[str, str]


class MemoryStore(Store):
    """A storage account in memory.

    Args:
        url: The address of its server.

    Attributes:
        requests: The headers of each request to its server.
        cors: The origin that may read its public files, for requests that name one.
        status: The status that it answers to every request; `None` for the right one.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._files: dict[Place, _File] = {}
        self.requests: list[dict[str, str]] = []
        self.cors: str | None = "*"
        self.status: int | None = None
        self._etags = count(1)
        self._lock = Lock()

    @property
    def account(self) -> str:
        return "memory"

    def read(self, place: Place) -> Stored | None:
        found = self._files.get(place)
        return found.stored if found else None

    def list(self, container: str, prefix: str = "") -> dict[str, dict[str, str]]:
        return {
            place.path: dict(self._files[place].stored.metadata)
            for place in self._in(container)
            if place.path.startswith(prefix)
        }

    def paths(self, container: str, folder: str) -> tuple[str, ...]:
        return tuple(
            place.path for place in self._in(container) if place.path.startswith(f"{folder}/")
        )

    def write(
        self, place: Place, content: bytes, metadata: Mapping[str, str] | None = None
    ) -> None:
        with self._lock:
            self._put(place, content, metadata or {}, JSON)

    def unload(self, place: Place, content: bytes, headers: Mapping[str, str] = STREAM) -> None:
        """Write a file with other headers, as the warehouse does."""
        with self._lock:
            self._put(place, content, {}, headers)

    def replace(self, place: Place, content: bytes, *, replacing: str | None) -> None:
        with self._lock:
            self._check(place, replacing)
            self._put(place, content, {}, JSON)

    def delete(self, place: Place) -> None:
        with self._lock:
            self._files.pop(place, None)

    def serve_as_json(self, place: Place) -> None:
        with self._lock:
            file = self._need(place)
            self._put(place, file.stored.content, file.stored.metadata, JSON)

    def copy(
        self,
        source: Place,
        target: Place,
        metadata: Mapping[str, str],
        *,
        copying: str,
        replacing: str | None,
    ) -> None:
        with self._lock:
            file = self._need(source)
            self._check(source, copying)
            self._check(target, replacing)
            # Azure copies the source's metadata if a copy names none.
            self._put(target, file.stored.content, metadata or file.stored.metadata, file.headers)

    def public_url(self, place: Place) -> str:
        return f"{self._url}/{place.container}/{place.path}"

    def backdate(self, place: Place, modified_at: datetime) -> None:
        """Have a file look as if it was last written then."""
        file = self._need(place)
        self._files[place] = replace(file, stored=replace(file.stored, modified_at=modified_at))

    def serve_with(self, place: Place, headers: Mapping[str, str]) -> None:
        """Serve a file with these headers only."""
        self._files[place] = replace(self._need(place), headers=headers)

    def served(self, path: str) -> tuple[bytes, Mapping[str, str]] | None:
        """The content and the headers of a public file, by the path of its address."""
        place = Place(*path.lstrip("/").split("/", 1)) if path.count("/") > 1 else None
        file = self._files.get(place) if place else None
        if place is None or place.container != PUBLIC_CONTAINER or file is None:
            return None
        return file.stored.content, file.headers

    def _in(self, container: str) -> tuple[Place, ...]:
        return tuple(sorted(place for place in self._files if place.container == container))

    def _need(self, place: Place) -> _File:
        if place not in self._files:
            raise missing(place)
        return self._files[place]

    def _check(self, place: Place, replacing: str | None) -> None:
        found = self._files.get(place)
        if (found.stored.etag if found else None) != replacing:
            raise ChangedMeanwhileError(
                f"{place.path} in {place.container} was changed by somebody else meanwhile."
            )

    def _put(
        self, place: Place, content: bytes, metadata: Mapping[str, str], headers: Mapping[str, str]
    ) -> None:
        if not all(place):
            raise ValueError("A file's container and path must have a name.")
        now = datetime.now(UTC).replace(microsecond=0)
        stored = Stored(content, f'"{next(self._etags)}"', dict(metadata), now)
        self._files[place] = _File(stored, headers)


@contextmanager
def memory_store() -> Iterator[MemoryStore]:
    """An empty storage account and, in a thread of this process, its server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    store = MemoryStore(f"http://127.0.0.1:{server.server_port}")
    server.store = store  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        store: MemoryStore = self.server.store  # type: ignore[attr-defined]
        store.requests.append({name.lower(): value for name, value in self.headers.items()})
        found = None if store.status else store.served(self.path)
        content, headers = found or (b"", {})
        allowed = store.cors if "origin" in store.requests[-1] else None
        cors = {"access-control-allow-origin": allowed} if allowed else {}
        self.send_response(store.status or (200 if found else 404))
        for name, value in {**headers, **cors, "content-length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Log nothing."""
