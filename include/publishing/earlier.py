"""The file of an earlier system, which the page reads until it is switched to this pipeline's file.

The setting names its address; without it, there is no earlier system. Whatever the address
answers, reading it raises no error: people compare the two files for as long as both are written,
and the earlier one may be missing, slow or malformed.
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, NoReturn

import httpx

from include.https import trusted
from include.publishing.contract import ContractError, parse

log = logging.getLogger(__name__)

# The only place that names the setting, an environment variable.
EARLIER_URL = "DDRC_EARLIER_PUBLIC_URL"
# The real file has about 10 KB; a person waits for the page Publication meanwhile.
SECONDS, MOST_BYTES = 5.0, 5_000_000
NAME = "METRIC_NAME"
MISSING = "missing"
_LONGEST = 60

# A metric by key, as a file has it: a number, a text, or nothing where the key is missing.
Row = Mapping[str, float | str | None]


class _UnreadableError(Exception):
    """The file shows no metrics; the text says why."""


@dataclass(frozen=True)
class EarlierFile:
    """What the earlier system's address answers.

    Attributes:
        url: The address.
        rows: The rows of the file as they are, by metric.
        problems: A sentence for each row that the page cannot show as it is.
        fault: Why the page shows no numbers, in one sentence; empty if it shows some.
    """

    url: str
    rows: Mapping[str, Row] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    fault: str = ""

    @property
    def address(self) -> str:
        """The address as a message or a page shows it."""
        return shown_address(self.url)

    @property
    def has_address(self) -> bool:
        """True if the address can be a link."""
        return is_address(self.url)


def earlier_url() -> str:
    """The address of the earlier system's file; empty if there is no earlier system."""
    return os.environ.get(EARLIER_URL, "").strip()


def is_address(url: str) -> bool:
    """True for the address of a website."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme in {"http", "https"} and bool(parsed.host)


def shown_address(url: str) -> str:
    """An address as a message or a page shows it: without a login or a signature."""
    if not is_address(url):
        return excerpt(url)
    return str(httpx.URL(url).copy_with(userinfo=b"", query=None, fragment=None))


def read_earlier(url: str, now: datetime, *, seconds: float = SECONDS) -> EarlierFile:
    """Read the earlier system's file as a browser does; never raises.

    Args:
        url: Its address.
        now: The current time, in UTC.
        seconds: How long the file may take to arrive.
    """
    try:
        rows, problems = parse_rows(_get(url, seconds), now)
    except _UnreadableError as error:
        return EarlierFile(url, fault=f"The earlier file {error}.")
    except Exception as error:
        # The answer is another system's: nothing in it may break the page or the watch.
        log.warning("The earlier file could not be read", exc_info=True)
        return EarlierFile(url, fault=f"The earlier file is out of reach: {type(error).__name__}.")
    return EarlierFile(url, rows, problems)


def parse_rows(content: bytes, now: datetime) -> tuple[dict[str, Row], tuple[str, ...]]:
    """The rows of a file by metric, and what in them breaks the contract.

    The page shows the first row of a name, so later ones are left out.
    """
    try:
        # A browser's `json()` ignores a byte order mark and refuses NaN.
        found: Any = json.loads(
            content.decode("utf-8-sig"), parse_constant=_refuse, parse_int=float
        )
    except (ValueError, RecursionError) as error:
        begins = excerpt(content[:200].decode("utf-8", "replace"))
        raise _UnreadableError(f"is not JSON that a browser can parse: it is {begins}") from error
    if not isinstance(found, list):
        raise _UnreadableError("is not a list of metrics")
    rows: dict[str, Row] = {}
    for row in found:
        name = row.get(NAME) if isinstance(row, dict) else None
        if isinstance(name, str):
            rows.setdefault(name, {key: _plain(value) for key, value in row.items()})
    if not rows:
        raise _UnreadableError("has no metrics")
    try:
        parse(content.removeprefix(b"\xef\xbb\xbf"), now)
    except ContractError as error:
        return rows, tuple(f"{excerpt(one, 200)}." for one in error.violations)
    return rows, ()


def excerpt(text: str, longest: int = _LONGEST) -> str:
    """Another system's text as a person reads it: one line, no control characters, not too long."""
    line = "".join(one if one.isprintable() else " " for one in text)
    line = " ".join(line.split()) or "empty"
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _plain(value: object) -> float | str | None:
    """A JSON value; a list or an object is a text, which is what the page would show."""
    if value is None or isinstance(value, str):
        return value
    return value if isinstance(value, float) else json.dumps(value)


def _get(url: str, seconds: float) -> bytes:
    if not is_address(url):
        raise _UnreadableError(f"has no address: {EARLIER_URL} is not the address of a website")
    started, content = monotonic(), b""
    try:
        with httpx.stream(
            "GET",
            url,
            headers={"Cache-Control": "no-cache"},
            follow_redirects=True,
            timeout=seconds,
            verify=trusted(),
        ) as response:
            if response.status_code == httpx.codes.NOT_FOUND:
                raise _UnreadableError("is missing: its address answers 404")
            if response.status_code != httpx.codes.OK:
                raise _UnreadableError(
                    f"is out of reach: its address answers {response.status_code}"
                )
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MOST_BYTES:
                    raise _UnreadableError(f"has more than {MOST_BYTES // 1_000_000} MB")
                # Each read has the time limit, so a server that sends slowly needs another.
                if monotonic() - started > seconds:
                    raise _UnreadableError(f"did not arrive within {seconds:g} s")
    except httpx.TimeoutException as error:
        raise _UnreadableError(f"did not arrive within {seconds:g} s") from error
    return content


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
