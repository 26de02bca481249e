"""Why a load failed: what may pass by itself, and what needs a person.

Whoever runs a load retries a `TransientError` and nothing else. Every message names the source,
the reason, the request and the service's own words.
"""


class LoadError(Exception):
    """A load that did not go through; the raw table is as it was.

    Attributes:
        source: The source's name, for example `epa`.
        reason: What went wrong, without a full stop at the end.
        request: The request that failed, or an empty string if none did.
        said: The service's own words, or an empty string.
    """

    def __init__(self, source: str, reason: str, request: str = "", said: str = "") -> None:
        super().__init__(source, reason, request, said)
        self.source = source
        self.reason = reason
        self.request = request
        self.said = said

    def __str__(self) -> str:
        parts = [f"{self.source}: {self.reason}."]
        if self.said:
            parts.append(f"The service said: {self.said}.")
        if self.request:
            parts.append(f"Request: {self.request}.")
        return " ".join(parts)


class TransientError(LoadError):
    """A failure that may pass by itself: worth another try.

    Attributes:
        retry_after: How long the service asked to be left alone, in seconds; 0 if it did not say.
    """

    retry_after: float = 0.0


class IncompleteError(TransientError):
    """The rows that were read are not the rows that the service says it has."""


class CancelledError(TransientError):
    """A request that was given up because another one of the same load had failed."""


class PermanentError(LoadError):
    """A failure that stays until somebody mends something: not worth another try."""


class QueryRefusedError(PermanentError):
    """The service understood the request and refuses this query."""


class TokenError(PermanentError):
    """The service wants a token, or another one, or allows this reader nothing."""


class CertificateError(PermanentError):
    """The server's TLS certificate could not be verified."""


class SchemaError(PermanentError):
    """The source's fields or values are not what they were declared to be."""


class CollapseError(PermanentError):
    """Far fewer rows than the last good load had; a person can accept the drop."""
