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
    last_day = ""
    for prefix in _prefixes(now):
        found = store.list(container, f"{folder}{prefix}")
        for path in sorted(found, reverse=True):
            # The first month holds days that were listed already.
            if len(prefix) == len(FIRST_MONTH) and path[len(folder) :][:8] >= last_day:
                continue
            yield path, found[path]
        if len(prefix) != len(FIRST_MONTH):
            last_day = prefix


def _prefixes(now: datetime) -> Iterator[str]:
    """The days from tomorrow to a week ago, then the months before, as `YYYYMMDD` and `YYYYMM`."""
    for back in range(-1, DAYS):
        day = now - timedelta(days=back)
        yield f"{day:%Y%m%d}"
    month = day.replace(day=1)
    while (prefix := f"{month:%Y%m}") >= FIRST_MONTH:
        yield prefix
        month = (month - timedelta(days=1)).replace(day=1)
