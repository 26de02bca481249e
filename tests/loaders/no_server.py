"""A client without a server, for tests with many short reads."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Event
from typing import Any, TypeVar

from include.loaders.responses import Response

Result = TypeVar("Result")

NOW = datetime(2025, 8, 22, tzinfo=UTC)


class Client:
    """A client whose answers a test makes: they are written as JSON and read as every answer is."""

    source = "epa"

    def __init__(self, answer: Callable[[str, Mapping[str, str]], Any]) -> None:
        self.stopping = Event()
        self._answer = answer

    def read_json(
        self, url: str, query: Mapping[str, str] | None = None, *, tries: int | None = None
    ) -> Any:
        return self.read(url, query, lambda answer: answer, tries=tries)

    def read(
        self,
        url: str,
        query: Mapping[str, str] | None,
        parse: Callable[[Any], Result],
        *,
        tries: int | None = None,
    ) -> Result:
        del tries
        body = json.dumps(self._answer(url, query or {})).replace("Infinity", "1e400")
        return parse(Response(self.source, url, 200, {}, body.encode()).json(NOW))

    def pause(self, seconds: float) -> None:
        """Do not wait."""
