"""HTTP responses: the JSON in one, or the error that it means."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import orjson

from include.loaders.errors import (
    LoadError,
    PermanentError,
    QueryRefusedError,
    TokenError,
    TransientError,
)

# ArcGIS's own codes 498 (invalid token) and 499 (token required) come as either kind of status.
# https://developers.arcgis.com/rest/services-reference/enterprise/response-codes/
TOKEN_CODES = {401, 403, 498, 499}
TRANSIENT_CODES = {408, 425, 429}
SUCCESS = range(200, 300)
REDIRECTION = range(300, 400)
SERVER_ERROR = 500
# The most characters of a service's own message in an error.
EXCERPT = 300


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
        if self.status not in SUCCESS:
            message = _service_message(self.body)
            if self.status in REDIRECTION:
                message = (
                    f"the address has moved to {self.headers.get('location', 'an unknown address')}"
                )
            raise self._error(self.status, f"HTTP status {self.status}", message, now)
        if self.body.lstrip()[:1] == b"<":
            raise TransientError(
                self.source, "the answer is HTML, not JSON", self.request, excerpt(self.body)
            )
        try:
            value = _parse(self.body)
        except ValueError as error:
            reason = f"the answer is not complete JSON ({error})"
            raise TransientError(self.source, reason, self.request, excerpt(self.body)) from error
        if (failure := _failure_in(value)) is not None:
            code, message = failure
            raise self._error(code, f"an error inside HTTP 200, code {code}", message, now)
        return value

    def _error(self, code: int | None, reason: str, message: str, now: datetime) -> LoadError:
        kind: type[LoadError] = PermanentError
        if code is None or code in TRANSIENT_CODES or code < 0 or code >= SERVER_ERROR:
            busy = TransientError(self.source, reason, self.request, message)
            busy.retry_after = _seconds(self.headers.get("retry-after", ""), now)
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
    return " ".join(html.unescape(text).split())[:EXCERPT] or "(an empty body)"


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        # Some servers write a bare NaN, which is not JSON; the standard library reads it.
        return json.loads(body)


def _failure_in(value: Any) -> tuple[int | None, str] | None:
    """The code and the message of an error that came with a successful status; `None` if none."""
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    if error is None and value.get("status") == "error":
        error = {"code": value.get("code"), "details": value.get("messages")}
    if error is None:
        return None
    if not isinstance(error, dict):
        return None, str(error)[:EXCERPT]
    details = error.get("details") or []
    words = [error.get("message"), *(details if isinstance(details, list) else [details])]
    code = error.get("code")
    message = "; ".join(dict.fromkeys(str(word).strip(" .") for word in words if word))
    return (code if isinstance(code, int) else None), message[:EXCERPT]


def _service_message(body: bytes) -> str:
    try:
        failure = _failure_in(orjson.loads(body))
    except orjson.JSONDecodeError:
        failure = None
    return failure[1] if failure else excerpt(body)


def _seconds(retry_after: str, now: datetime) -> float:
    """A `Retry-After` header in seconds; it is a number or a date (RFC 9110, section 10.2.3)."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
