"""What clients asked of each source: requests, bytes and how many were under way at once."""

import json
from dataclasses import asdict, dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local.sources.routes import place_of


@dataclass
class Count:
    """One source's traffic. `bytes` are those of the bodies, compressed where they were."""

    requests: int = 0
    bytes: int = 0
    in_flight: int = 0
    highest_in_flight: int = 0


@dataclass
class Seen:
    """The traffic of every source since the start, or since it was last reset."""

    counts: dict[str, Count] = field(default_factory=dict)

    def of(self, source: str) -> Count:
        """One source's traffic, from nothing if it has had none."""
        return self.counts.setdefault(source, Count())

    def reset(self) -> None:
        """Forget what was; requests under way stay under way."""
        self.counts = {
            source: Count(in_flight=count.in_flight, highest_in_flight=count.in_flight)
            for source, count in self.counts.items()
        }

    def body(self) -> bytes:
        """`{"epa": {"requests": 3, ...}, ...}`."""
        return json.dumps({source: asdict(count) for source, count in self.counts.items()}).encode()


class SeenMiddleware:
    """Counts each request that goes to a source, and each byte that comes back."""

    def __init__(self, app: ASGIApp, seen: Seen) -> None:
        self.app = app
        self.seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it if it is a source's."""
        place = place_of(scope["path"]) if scope["type"] == "http" else None
        if place is None:
            await self.app(scope, receive, send)
            return
        source = place.source
        began = self.seen.of(source)
        began.requests += 1
        began.in_flight += 1
        began.highest_in_flight = max(began.highest_in_flight, began.in_flight)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.body":
                self.seen.of(source).bytes += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, counted)
        finally:
            self.seen.of(source).in_flight -= 1
