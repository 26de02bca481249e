"""ArcGIS's own way to say no: an error object in an HTTP 200."""

from typing import Any


class ArcgisError(Exception):
    """What the service refuses, as it words it to a client.

    A hosted layer names the parameter that it refuses; a map service of the older kind only
    says that the query failed.
    """

    def __init__(self, code: int, message: str, *details: str) -> None:
        super().__init__(message, *details)
        self.code = code
        self.message = message
        self.details = list(details)

    def body(self) -> dict[str, Any]:
        """The body that a client gets, with status 200."""
        return {
            "error": {"code": self.code, "message": self.message, "details": self.details},
        }


def bad_query(reason: str, *, hosted: bool) -> ArcgisError:
    """A query that the layer does not understand."""
    if hosted:
        return ArcgisError(400, "Cannot perform query. Invalid query parameters.", reason)
    return ArcgisError(400, "Failed to execute query.")


def invalid_url() -> ArcgisError:
    """A service, layer or operation that is not there."""
    return ArcgisError(400, "Invalid URL", "Invalid URL")


def query_failed() -> ArcgisError:
    """A service whose database is down."""
    return ArcgisError(500, "Error performing query operation")
