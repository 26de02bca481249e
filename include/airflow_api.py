"""A client of Airflow's public REST API.

https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html
"""

from types import TracebackType
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 30
# The server closes an idle connection after five seconds.
KEEPALIVE_SECONDS = 2.0


class AirflowClient:
    """Requests JSON from one Airflow.

    Each method raises `httpx.HTTPStatusError` or `httpx.TransportError` if the API refuses or does
    not respond.
    """

    def __init__(self, url: str, token: str = "") -> None:
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

    def request(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Request a resource; return the JSON of the response.

        Args:
            method: The HTTP method.
            path: The path below `/api/v2`.
            options: Options of `httpx.Client.request`, for example `json`.
        """
        if not self._token:
            self._token = self.http.get("/auth/token").raise_for_status().json()["access_token"]
        response = self.http.request(
            method, f"/api/v2{path}", headers={"Authorization": f"Bearer {self._token}"}, **options
        ).raise_for_status()
        content: dict[str, Any] = response.json()
        return content
