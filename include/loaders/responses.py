"""One HTTP response: its JSON value, or an error that says whether to try again."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from include.loaders.bodies import UnreadableError, parse_json
from include.loaders.errors import (
    LoadError,
    OverloadedError,
    PermanentError,
    QueryRefusedError,
    TokenError,
    TransientError,
)
from include.loaders.excerpts import short_repr

# ArcGIS's own codes 498 (invalid token) and 499 (token required) come as either kind of status.
# https://developers.arcgis.com/rest/services-reference/enterprise/response-codes/
TOKEN_CODES = {401, 403, 498, 499}
TRANSIENT_CODES = {408, 425, 429}
SUCCESS = range(200, 300)
REDIRECTION = range(300, 400)
SERVER_ERRORS = range(500, 600)
# ArcGIS has negative codes of 32 bits.
LARGEST_CODE = 2**31
# The most characters of a service's own message in an error.
EXCERPT = 300
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
# A day; whatever asks for more is a mistake, and no retry waits for as long.
LONGEST_PAUSE = 86_400.0


@dataclass(frozen=True)
class Response:
    """One HTTP response.

    Attributes:
        source: The source's name, for messages.
        request: The request in one line.
        status: The HTTP status.
        headers: The response's headers, in any case.
        body: The decompressed body.
    """

    source: str
    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self, now: datetime) -> Any:
        """The body's JSON value.

        Args:
            now: The time of day in UTC, against which a `Retry-After` date is measured.

        Raises:
            TransientError: The server is busy or broken, or the body is not JSON.
            PermanentError: The service refuses the request; the subclass says how.
        """
        content_type = self.headers.get("content-type", "")
        if self.status not in SUCCESS:
            message = _service_message(self.body, content_type)
            if self.status in REDIRECTION:
                moved_to = self.headers.get("location") or "an unknown address"
                message = f"the address has moved to {one_line(moved_to)}"
            raise self._error(self.status, f"HTTP status {self.status}", message, now)
        # Also after a byte order mark and in UTF-16.
        if self.body.lstrip(b" \t\r\n\xef\xbb\xbf\xfe\xff\0")[:1] == b"<":
            raise TransientError(
                self.source, "the answer is HTML, not JSON", self.request, excerpt(self.body)
            )
        try:
            value = parse_json(self.body, content_type)
        except (EOFError, ValueError) as error:
            kind: type[LoadError] = TransientError
            if isinstance(error, EOFError):
                kind = OverloadedError
            elif isinstance(error, UnreadableError):
                kind = PermanentError
            raise kind(self.source, str(error), self.request, excerpt(self.body)) from error
        if (failure := _failure_in(value)) is not None:
            code, message = failure
            raise self._error(code, f"an error inside HTTP 200, code {code}", message, now)
        return value

    def _error(self, code: int | None, reason: str, message: str, now: datetime) -> LoadError:
        kind: type[LoadError] = PermanentError
        if code is None or code in TRANSIENT_CODES or code < 0 or code >= SERVER_ERRORS.start:
            pause = _seconds(self.headers.get("retry-after", ""), now)
            is_overload = (code is None or code in SERVER_ERRORS) and pause is None
            busy = (OverloadedError if is_overload else TransientError)(
                self.source, reason, self.request, message
            )
            busy.retry_after = pause or 0.0
            return busy
        if code in TOKEN_CODES:
            kind, reason = TokenError, f"{reason}: no access"
        elif code == HTTPStatus.BAD_REQUEST:
            kind, reason = QueryRefusedError, f"{reason}: the query is refused"
        elif code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            reason = f"{reason}: not found"
        return kind(self.source, reason, self.request, message)


def excerpt(body: bytes) -> str:
    """The beginning of a body as one line of plain text."""
    start = body[:4000].decode("utf-8", "replace")
    text = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", start)
    return one_line(html.unescape(text)) or "(an empty body)"


def one_line(text: str) -> str:
    """The beginning of a service's text in one line, without control characters."""
    printable = "".join(each if each.isprintable() else " " for each in text[:4000])
    return " ".join(printable.split())[:EXCERPT]


def _failure_in(value: Any) -> tuple[int | None, str] | None:
    """The code and the message of an error that came with a successful status; `None` if none."""
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    if error is True or (error is None and value.get("status") == "error"):
        error = {**value, "details": value.get("messages")}
    if error is None or error is False:
        return None
    if not isinstance(error, dict):
        return None, one_line(_text(error))
    details = error.get("details") or []
    words = [error.get("message"), *(details if isinstance(details, list) else [details])]
    message = "; ".join(dict.fromkeys(_text(word).strip(" .") for word in words if word))
    return _code(error.get("code")), one_line(message)


def _code(value: Any) -> int | None:
    """An error's code; some services write it as text."""
    try:
        code = None if isinstance(value, bool) else int(value)
    except (OverflowError, TypeError, ValueError):
        return None
    return code if code is not None and abs(code) <= LARGEST_CODE else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else short_repr(value, EXCERPT)


def _service_message(body: bytes, content_type: str) -> str:
    try:
        failure = _failure_in(parse_json(body, content_type))
    except (EOFError, ValueError):
        failure = None
    return failure[1] if failure else excerpt(body)


def _seconds(retry_after: str, now: datetime) -> float | None:
    """A `Retry-After` header in seconds; it is a number or a date (RFC 9110, section 10.2.3).

    `None` if it is neither.
    """
    if NUMBER.fullmatch(retry_after.strip()):
        seconds = float(retry_after)
    else:
        try:
            until = parsedate_to_datetime(retry_after)
            seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
        except (IndexError, OverflowError, TypeError, ValueError):
            return None
    return min(max(0.0, seconds), LONGEST_PAUSE)
