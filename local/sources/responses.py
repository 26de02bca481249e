"""The HTTP responses: JSON (compressed if the client accepts it), pages for people, cut bodies."""

import asyncio
import gzip
import html
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_COMPRESSED_FROM_BYTES: Final = 1024
_TYPES: Final = {
    "json": "application/json; charset=utf-8",
    "geojson": "application/geo+json; charset=utf-8",
    "pjson": "text/plain; charset=utf-8",
}


class CutResponse(Response):
    """A response whose connection ends halfway through its body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers and half of the body."""
        whole = bytes(self.body)
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        half = whole[: len(whole) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        # The server closes the connection because the rest is missing.


async def data(
    request: Request, body: bytes, format_: str = "json", *, cut: bool = False
) -> Response:
    """A response of JSON data.

    Args:
        request: The request, which says whether the client accepts compression.
        body: The JSON.
        format_: `json`, `pjson` or `geojson`.
        cut: End the connection halfway through the body.
    """
    if format_ == "pjson":
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    headers = {"Content-Type": _TYPES[format_], "Vary": "Accept-Encoding"}
    if is_compressed(request) and len(body) >= _COMPRESSED_FROM_BYTES:
        body = await asyncio.to_thread(gzip.compress, body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return (CutResponse if cut else Response)(body, headers=headers)


def is_compressed(request: Request) -> bool:
    """True if the client accepts a compressed body."""
    return "gzip" in request.headers.get("accept-encoding", "").lower()


async def json(request: Request, value: object, format_: str = "json") -> Response:
    """A response of metadata or an error, which ArcGIS never sends as GeoJSON.

    Args:
        request: The request.
        value: The content.
        format_: `json`, `pjson` or `geojson`.
    """
    return await data(request, orjson.dumps(value), "pjson" if format_ == "pjson" else "json")


def page(title: str, status: int = 200) -> Response:
    """A web page, for a person's browser or from a broken server.

    An error has an id of its own, as on the pages of CloudFront, behind which the hosted layers
    are, and of ASP.NET, which serves Malibu's lists. ArcGIS's errors in JSON have none.
    """
    text = html.escape(title)
    failed = status >= HTTPStatus.BAD_REQUEST
    request_id = f"<p>Request ID: {token_urlsafe(40)}==</p>" if failed else ""
    body = (
        f"<html><head><title>{text}</title></head><body><h1>{text}</h1>{request_id}</body></html>\n"
    )
    return Response(body, status, media_type="text/html")


def failure(status: HTTPStatus) -> Response:
    """The web page of a server that fails."""
    return page(f"{status} - {status.phrase}", status)


def moved(path: str, query: str) -> Response:
    """A redirect to the same query at another path, as to a service that has moved for good."""
    address = f"{path}?{query}" if query else path
    response = page("301 - Moved Permanently", HTTPStatus.MOVED_PERMANENTLY)
    response.headers["Location"] = address
    return response
