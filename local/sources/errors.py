"""ArcGIS's errors: an error object in a response with status 200, or a failure of the server."""

from http import HTTPStatus
from typing import Any


class ArcgisError(Exception):
    """An error in the words of the service.

    A hosted layer names the invalid parameter; a map service of the older kind only says that the
    query failed.
    """

    def __init__(self, code: int, message: str, *details: str) -> None:
        super().__init__(message, *details)
        self.code = code
        self.message = message
        self.details = list(details)

    def body(self) -> dict[str, Any]:
        """The response's body."""
        return {
            "error": {"code": self.code, "message": self.message, "details": self.details},
        }


class ServerError(Exception):
    """A failure of the server before the service, which responds with a web page.

    Attributes:
        status: The HTTP status.
    """

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


def bad_query(reason: str, *, hosted: bool) -> ArcgisError:
    """The error for a query that the layer does not understand."""
    if hosted:
        return ArcgisError(400, "Cannot perform query. Invalid query parameters.", reason)
    return ArcgisError(400, "Failed to execute query.")


def invalid_url() -> ArcgisError:
    """The error for a service, layer or operation that does not exist."""
    return ArcgisError(400, "Invalid URL", "Invalid URL")


def no_paging() -> ArcgisError:
    """The error for an offset that the layer does not support."""
    return ArcgisError(400, "Pagination is not supported.")


def query_failed() -> ArcgisError:
    """The error of a service whose database is down."""
    return ArcgisError(500, "Error performing query operation")
