"""Options of a load: where the source is reached and how it is read."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from include.times import utc_now

Progress = Callable[[int, int | None], None]
Columns = Callable[[Mapping[str, str]], None]


def no_progress(_rows: int, _total: int | None) -> None:
    """Report nothing."""


def no_columns(_columns: Mapping[str, str]) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Origin:
    """The place where a source is reached, if it differs from the declared address.

    Attributes:
        base_url: Replaces the scheme, host and port of the declared address.
        ca_bundle: A PEM file of certificates to trust beside the usual ones.
        token: An ArcGIS token; sent as a header, so that no address and no log shows the token.
    """

    base_url: str | None = None
    ca_bundle: str | None = None
    token: str | None = None

    def address(self, declared: str) -> str:
        """The declared address, at this origin."""
        if self.base_url is None:
            return declared
        try:
            base = urlsplit(self.base_url)
        except ValueError:
            # The client refuses the address with a reason.
            return self.base_url
        return urlunsplit((base.scheme, base.netloc, *urlsplit(declared)[2:]))

    def __repr__(self) -> str:
        return f"Origin(base_url={self.base_url!r}, ca_bundle={self.ca_bundle!r})"


@dataclass(frozen=True)
class LoadOptions:
    """The settings of a load; production uses the defaults.

    Attributes:
        concurrency: How many requests are in flight at once.
        page_size: The most rows to request at once; the server's own cap if that is less.
        where: The rows of an ArcGIS layer to read, as a condition in the layer's SQL.
        timeout_seconds: How long the server may be silent.
        request_seconds: How long one answer may take in all.
        retry_seconds: How long one request is retried after transient failures.
        accept_drop: A person's reason to accept far fewer rows than before, for this load only.
        known_hash: The `content_hash` of the rows that the table is known to hold. If the source
            declares no edit and still has exactly these rows, nothing is written.
        now: The time of day, in UTC; tests set the clock.
        monotonic: Seconds that only go forward.
        sleep: Waits for some seconds; without it, a failure elsewhere in the load ends the wait.
        progress: Called with the rows read so far and the rows expected, if known.
        columns: Called with the type of each column that the source has now, by the raw table's
            name for it, before anything is refused because of a column.
    """

    concurrency: int = 4
    page_size: int | None = None
    where: str = "1=1"
    timeout_seconds: float = 60.0
    request_seconds: float = 180.0
    retry_seconds: float = 300.0
    accept_drop: str | None = None
    known_hash: str | None = None
    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] | None = None
    progress: Progress = no_progress
    columns: Columns = field(default=no_columns, compare=False)
