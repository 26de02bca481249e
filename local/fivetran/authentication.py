"""HTTP basic authentication, as Fivetran requires it."""

import base64
import binascii
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from local.fivetran import bodies


class BasicAuthentication:
    """Passes on requests to `/v1` with the right key and secret; responds with 401 to others."""

    def __init__(self, app: ASGIApp, api_key: str, api_secret: str) -> None:
        self._app = app
        self._expected = f"{api_key}:{api_secret}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; `/health` needs no key."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1"):
            await self._app(scope, receive, send)
            return
        given = _credentials(Request(scope).headers.get("authorization", ""))
        if secrets.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
            return
        refusal = JSONResponse(
            bodies.error("AuthFailed", "Invalid authorization credentials"),
            status_code=401,
            headers={"WWW-Authenticate": 'Basic realm="Fivetran"'},
        )
        await refusal(scope, receive, send)


def _credentials(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
