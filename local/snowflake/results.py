"""The newest results, stored for `RESULT_SCAN` and bounded so that a server can run for weeks."""

from threading import Lock
from typing import Any

MAX_BYTES = 64 * 1024 * 1024
MAX_RESULTS = 500


class BoundedResults(dict[str, tuple[Any, ...]]):
    """fakesnow's results by query id; the oldest ones are dropped.

    The first item of a result is its Arrow table, or `None`. The newest result always stays,
    however large it is.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, max_results: int = MAX_RESULTS) -> None:
        super().__init__()
        self._max_bytes = max_bytes
        self._max_results = max_results
        self._bytes = 0
        self._lock = Lock()

    def __setitem__(self, query_id: str, result: tuple[Any, ...]) -> None:
        with self._lock:
            if query_id in self:
                self._bytes -= _size(super().pop(query_id))
            super().__setitem__(query_id, result)
            self._bytes += _size(result)
            while len(self) > 1 and (
                self._bytes > self._max_bytes or len(self) > self._max_results
            ):
                self._bytes -= _size(super().pop(next(iter(self))))


def _size(result: tuple[Any, ...]) -> int:
    table = result[0]
    return 0 if table is None else int(table.nbytes)
