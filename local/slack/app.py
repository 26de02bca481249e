"""The webhook, the messages and the page, as an ASGI app."""

import json
from pathlib import Path
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from local.credentials import SLACK_PATH
from local.slack.inbox import Inbox
from local.slack.limits import find_error, truncated
from local.slack.page import render_page

_STYLE = Path(__file__).parent / "style.css"
# The page must not run anything of a message, or load anything from elsewhere.
_PAGE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:"}


class SlackApp:
    """The webhook, the messages and the page."""

    def __init__(self, messages: Path) -> None:
        self._inbox = Inbox(messages)
        self._is_down = False

    async def receive(self, request: Request) -> PlainTextResponse:
        """POST the webhook: `ok`, or Slack's error code."""
        if self._is_down:
            return PlainTextResponse("service_unavailable", status_code=503)
        try:
            payload = json.loads(_payload(request, await request.body()))
        except ValueError:
            payload = None
        error = find_error(payload)
        if error:
            return PlainTextResponse(error, status_code=400)
        self._inbox.add(truncated(payload))
        return PlainTextResponse("ok")

    async def refuse(self, request: Request) -> PlainTextResponse:
        """POST any other webhook."""
        return PlainTextResponse("no_service", status_code=404)

    async def page(self, request: Request) -> HTMLResponse:
        """GET the page."""
        page = render_page(self._inbox.all(), is_down=self._is_down)
        return HTMLResponse(page, headers=_PAGE_HEADERS)

    async def style(self, request: Request) -> FileResponse:
        """GET the page's style."""
        return FileResponse(_STYLE, media_type="text/css")

    async def list_messages(self, request: Request) -> JSONResponse:
        """GET the messages, oldest first: `[{"received_at": …, "message": {…}}, …]`."""
        return JSONResponse([vars(received) for received in self._inbox.all()])

    async def clear(self, request: Request) -> PlainTextResponse:
        """DELETE the messages."""
        self._inbox.clear()
        return PlainTextResponse("ok")

    async def switch(self, request: Request) -> PlainTextResponse:
        """POST down or up: whether the webhook responds with 503."""
        self._is_down = request.url.path.endswith("/down")
        return PlainTextResponse("ok")

    async def health(self, request: Request) -> JSONResponse:
        """GET readiness."""
        return JSONResponse({"status": "ok"})


def create_app(messages: Path) -> Starlette:
    """The emulated Slack as an ASGI app.

    Args:
        messages: The file of the messages, as JSON lines; created if missing.

    Raises:
        InboxError: The file is malformed.
    """
    app = SlackApp(messages)
    return Starlette(
        routes=[
            Route("/health", app.health),
            Route(SLACK_PATH, app.receive, methods=["POST"]),
            Route("/services/{rest:path}", app.refuse, methods=["POST"]),
            Route("/messages.json", app.list_messages),
            Route("/messages", app.clear, methods=["DELETE"]),
            Route("/emulator/down", app.switch, methods=["POST"]),
            Route("/emulator/up", app.switch, methods=["POST"]),
            Route("/style.css", app.style),
            Route("/", app.page),
        ]
    )


def _payload(request: Request, body: bytes) -> str:
    """The JSON text of a request: its body or, as Slack accepts too, the form field `payload`."""
    text = body.decode("utf-8", errors="replace")
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(text).get("payload", [""])[0]
    return text
