"""The newest files of a folder whose names begin with a time, without listing all of them.

An account lists files in the order of their names only, the oldest first, and holds one file for
each version that was ever public. So the days of the last week are listed, then whole months.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from include.publishing.store import Store

DAYS = 7
# The month of the fires: nothing was published before.
FIRST_MONTH = "202501"


def newest_first(
    store: Store, container: str, now: datetime, *, folder: str = ""
) -> Iterator[tuple[str, dict[str, str]]]:
    """The files of a folder, the newest first; a month is listed when it is reached.

    Args:
        store: The storage account.
        container: The container.
        now: The current time, in UTC; files may be a day newer, as clocks differ.
        folder: The folder, with a slash at its end; empty for the container itself.

    Yields:
        A path and its metadata; the names begin with a time such as `20261124T142700Z`.
    """
    day = now
    for back in range(-1, DAYS):
        day = now - timedelta(days=back)
        yield from _sorted(store, container, f"{folder}{day:%Y%m%d}")
    month = day
    while f"{month:%Y%m}" >= FIRST_MONTH:
        for path, metadata in _sorted(store, container, f"{folder}{month:%Y%m}"):
            # The first month holds days that were listed already.
            if path < f"{folder}{day:%Y%m%d}":
                yield path, metadata
        month = month.replace(day=1) - timedelta(days=1)


def _sorted(store: Store, container: str, prefix: str) -> list[tuple[str, dict[str, str]]]:
    return sorted(store.list(container, prefix).items(), reverse=True)
