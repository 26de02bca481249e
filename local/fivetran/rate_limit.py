"""Fivetran's limit on an account's requests in any hour.

https://fivetran.com/docs/rest-api/rate-limiting
"""

import math
from collections import deque
from time import monotonic

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.fivetran import bodies

REQUESTS = 20_000
SECONDS = 3600


class RateLimit:
    """Passes on as many requests in an hour as Fivetran does; responds with 429 to others.

    Args:
        app: The app behind it.
        requests: The number of requests that it passes on in any hour.
    """

    def __init__(self, app: ASGIApp, requests: int = REQUESTS) -> None:
        self._app = app
        self._requests = requests
        self._passed: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; requests outside of `/v1` are not counted."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1"):
            await self._app(scope, receive, send)
            return
        now = monotonic()
        while self._passed and self._passed[0] <= now - SECONDS:
            self._passed.popleft()
        if len(self._passed) >= self._requests:
            oldest = self._passed[0] if self._passed else now
            refusal = JSONResponse(
                bodies.error(
                    "TooManyRequests", f"No more than {self._requests} requests can be sent hourly"
                ),
                status_code=429,
                headers={"Retry-After": str(math.ceil(oldest - now + SECONDS))},
            )
            await refusal(scope, receive, send)
            return
        self._passed.append(now)
        remaining = self._requests - len(self._passed)

        async def send_with_quota(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Rate-Limit"] = str(self._requests)
                headers["X-Rate-Limit-Remaining"] = str(remaining)
            await send(message)

        await self._app(scope, receive, send_with_quota)
