"""A storage account as one request sees it: each file is read once, and several at a time.

The page *Publication* needs some 30 files and lists. One after another they take 30 times the way
to the account and back.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Any, NoReturn, Self, TypeVar

from include.publishing.store import Place, Store, Stored

# Azure's client keeps 10 connections open: azure-core's RequestsTransport has requests' default.
WORKERS = 10
# Azure's client tries again for minutes when an account does not answer; nobody waits for that.
SECONDS = 20.0

T = TypeVar("T")


class Snapshot(Store):
    """A storage account that is only read, each file and list once.

    Args:
        store: The storage account.
        seconds: How long all reads together may take.
    """

    def __init__(self, store: Store, *, seconds: float = SECONDS) -> None:
        self._store = store
        self._ends = monotonic() + seconds
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="snapshot")
        self._lock = Lock()
        self._found: dict[Hashable, Future[Any]] = {}
        self._listed: dict[tuple[str, str], dict[str, dict[str, str]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A read that takes too long ends by itself, and nobody waits for it.
        self._pool.shutdown(wait=False, cancel_futures=True)

    def start(self, work: Callable[[], T]) -> "Future[T]":
        """Begin some work in another thread."""
        return self._pool.submit(work)

    def result(self, future: "Future[T]") -> T:
        """The result of work that was begun.

        Raises:
            TimeoutError: It was not done in time.
        """
        return future.result(max(0.0, self._ends - monotonic()))

    def prefetch(self, places: Iterable[Place]) -> None:
        """Begin to read files, all at the same time."""
        for place in places:
            self._begin(place, lambda place=place: self._store.read(place))  # type: ignore[misc]

    def list_only(self, container: str, folder: str, prefixes: Iterable[str]) -> int:
        """List a part of a folder, all prefixes at the same time; later lists contain only it.

        Args:
            container: The container.
            folder: The folder, with a slash at its end.
            prefixes: The beginnings of the paths to list.

        Returns:
            The number of files.
        """
        started = [self._begin_list(container, prefix) for prefix in prefixes]
        found = {path: each for one in started for path, each in self.result(one).items()}
        self._listed[container, folder] = dict(sorted(found.items()))
        return len(found)

    @property
    def account(self) -> str:
        """The name of the storage account."""
        return self._store.account

    def read(self, place: Place) -> Stored | None:
        """Read a file, as it was when it was read first."""
        return self.result(self._begin(place, lambda: self._store.read(place)))

    def list(self, container: str, prefix: str = "") -> dict[str, dict[str, str]]:
        """The files whose paths begin with a prefix, as they were when they were listed first."""
        for (other, folder), files in self._listed.items():
            if other == container and prefix.startswith(folder):
                return {path: each for path, each in files.items() if path.startswith(prefix)}
        return self.result(self._begin_list(container, prefix))

    def paths(self, container: str, folder: str) -> tuple[str, ...]:
        """The paths in a folder, as they were when they were listed first."""
        key = ("paths", container, folder)
        return self.result(self._begin(key, lambda: self._store.paths(container, folder)))

    def public_url(self, place: Place) -> str:
        """The address of a file in a public container."""
        return self._store.public_url(place)

    def write(
        self, place: Place, content: bytes, metadata: Mapping[str, str] | None = None
    ) -> NoReturn:
        """Refuse: nothing is changed through a snapshot."""
        raise _read_only()

    def replace(self, place: Place, content: bytes, *, replacing: str | None) -> NoReturn:
        """Refuse: nothing is changed through a snapshot."""
        raise _read_only()

    def delete(self, place: Place) -> NoReturn:
        """Refuse: nothing is changed through a snapshot."""
        raise _read_only()

    def serve_as_json(self, place: Place) -> NoReturn:
        """Refuse: nothing is changed through a snapshot."""
        raise _read_only()

    def copy(
        self,
        source: Place,
        target: Place,
        metadata: Mapping[str, str],
        *,
        copying: str,
        replacing: str | None,
    ) -> NoReturn:
        """Refuse: nothing is changed through a snapshot."""
        raise _read_only()

    def _begin_list(self, container: str, prefix: str) -> "Future[dict[str, dict[str, str]]]":
        return self._begin(("list", container, prefix), lambda: self._store.list(container, prefix))

    def _begin(self, key: Hashable, read: Callable[[], T]) -> "Future[T]":
        with self._lock:
            if key not in self._found:
                self._found[key] = self._pool.submit(read)
            return self._found[key]


def _read_only() -> TypeError:
    return TypeError("A snapshot of the storage account is only read.")
