"""A client of Airflow's public REST API.

https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html
"""

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 30
# The server closes an idle connection after five seconds.
KEEPALIVE_SECONDS = 2.0
PAGE = 100
API = "/api/v2"


class AirflowClient:
    """Requests JSON from one Airflow.

    Each method raises `httpx.HTTPStatusError` or `httpx.TransportError` if the API refuses or does
    not respond.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        """Prepare to connect.

        Args:
            url: Airflow's address, without `/api/v2`.
            token: An API token. Without one, the client requests a token from the API, which
                Airflow's simple auth manager gives to anyone.
        """
        self.http = httpx.Client(
            base_url=url,
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(keepalive_expiry=KEEPALIVE_SECONDS),
        )
        self._token = token

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.http.close()

    def get(self, path: str, **query: str | int | list[str]) -> dict[str, Any]:
        """GET a resource; return the JSON of the response.

        Args:
            path: The path below `/api/v2`.
            query: The query's parameters.
        """
        return self.request("GET", path, params=query)

    def get_all(
        self, path: str, field: str, **query: str | int | list[str]
    ) -> Iterator[dict[str, Any]]:
        """GET all items of a collection, page by page.

        Args:
            path: The path below `/api/v2`.
            field: The field of the response that has the items.
            query: The query's parameters.
        """
        offset, total = 0, 1
        while offset < total:
            page = self.get(path, **query, limit=PAGE, offset=offset)
            yield from page[field]
            # Airflow may return fewer items than were requested.
            offset += len(page[field])
            total = page["total_entries"] if page[field] else 0

    def find(self, path: str) -> dict[str, Any] | None:
        """GET a resource; `None` if it does not exist."""
        try:
            return self.get(path)
        except httpx.HTTPStatusError as error:
            if error.response.status_code == httpx.codes.NOT_FOUND:
                return None
            raise

    def request(
        self, method: str, path: str, *, below: str = API, **options: Any
    ) -> dict[str, Any]:
        """Request a resource; return the JSON of the response.

        Args:
            method: The HTTP method.
            path: The path below the API's.
            below: The path of the API; a plugin's API has its own.
            options: Options of `httpx.Client.request`, for example `json`.
        """
        response = self.http.request(
            method, f"{below}{path}", headers=self._credentials(), **options
        ).raise_for_status()
        content: dict[str, Any] = response.json()
        return content

    def last_lines(self, path: str, most_bytes: int) -> list[dict[str, Any]]:
        """GET a log; return its last lines, which are JSON objects.

        Args:
            path: The path below `/api/v2`.
            most_bytes: The size of what is returned; a log may have any size.
        """
        headers = {**self._credentials(), "Accept": "application/x-ndjson"}
        content, size = b"", 0
        with self.http.stream("GET", f"{API}{path}", headers=headers) as response:
            response.raise_for_status()
            for part in response.iter_bytes():
                content, size = (content + part)[-most_bytes:], size + len(part)
        lines = content.split(b"\n")[size > most_bytes :]
        return [json.loads(line) for line in lines if line]

    def _credentials(self) -> dict[str, str]:
        if not self._token:
            self._token = self.http.get("/auth/token").raise_for_status().json()["access_token"]
        return {"Authorization": f"Bearer {self._token}"}
