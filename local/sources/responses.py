"""The HTTP responses: JSON (gzip where the client takes it), pages for people, cut bodies."""

import asyncio
import gzip
import html
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_WORTH_COMPRESSING: Final = 1024
_TYPES: Final = {
    "json": "application/json; charset=utf-8",
    "geojson": "application/geo+json; charset=utf-8",
    "pjson": "text/plain; charset=utf-8",
}


class CutResponse(Response):
    """A response whose connection ends halfway through the body that its length promised."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head, half of the body, and no end."""
        whole = bytes(self.body)
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        half = whole[: len(whole) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        # To return without the rest makes the server close the connection.


async def data(request: Request, body: bytes, form: str = "json", *, cut: bool = False) -> Response:
    """A JSON body in one of the three forms; compressed in a thread, so that others go on."""
    if form == "pjson":
        body = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2)
    headers = {"Content-Type": _TYPES[form], "Vary": "Accept-Encoding"}
    accepted = "gzip" in request.headers.get("accept-encoding", "").lower()
    if accepted and len(body) >= _WORTH_COMPRESSING:
        body = await asyncio.to_thread(gzip.compress, body, 1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return (CutResponse if cut else Response)(body, headers=headers)


async def json(request: Request, value: Any, form: str = "json") -> Response:
    """A small JSON answer; what ArcGIS says of itself, or an error, is never GeoJSON."""
    return await data(request, orjson.dumps(value), "pjson" if form == "pjson" else "json")


def page(title: str, status: int = 200) -> Response:
    """The page that a person sees in a browser, or that a broken server answers."""
    text = html.escape(title)
    body = f"<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>\n"
    return Response(body, status, media_type="text/html")
