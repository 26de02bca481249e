"""The reasons why a load fails: those that may pass by themselves, and those that need a person.

Only a `TransientError` is worth a retry. Every message names the source, the reason, the request
and the service's own message, all without secrets.
"""

from include.masking import mask_secrets


class LoadError(Exception):
    """A load that failed; the raw table is unchanged.

    Attributes:
        source: The source's name, for example `epa`.
        reason: What went wrong, without a full stop at the end.
        request: The request that failed, or an empty string if none did.
        service_message: The service's own message, or an empty string.
    """

    def __init__(
        self, source: str, reason: str, request: str = "", service_message: str = ""
    ) -> None:
        # Masked at once: a traceback, a log or another process may show the parts.
        parts = tuple(map(mask_secrets, (source, reason, request, service_message)))
        super().__init__(*parts)
        self.source, self.reason, self.request, self.service_message = parts

    def __str__(self) -> str:
        parts = [f"{self.source}: {self.reason}."]
        if self.service_message:
            parts.append(f"The service said: {self.service_message}.")
        if self.request:
            parts.append(f"Request: {self.request}.")
        return " ".join(parts)


class TransientError(LoadError):
    """A failure that may pass by itself and is worth a retry.

    Attributes:
        retry_after: The pause that the service requested, in seconds; 0 if none.
    """

    retry_after: float = 0.0


class OverloadedError(TransientError):
    """The server failed at a request or broke off its answer; a smaller request may succeed."""


class IncompleteError(TransientError):
    """The rows that were read are not the rows that the service counts."""


class CancelledError(TransientError):
    """A request that was given up because another one of the same load had failed."""


class PermanentError(LoadError):
    """A failure that stays until a person fixes something and is not worth a retry."""


class QueryRefusedError(PermanentError):
    """The service understood the request and refuses this query."""


class TokenError(PermanentError):
    """The service needs a token, does not accept the token, or denies access."""


class CertificateError(PermanentError):
    """The server's TLS certificate could not be verified."""


class SchemaError(PermanentError):
    """The source's fields or values do not fit their declaration."""


class CollapseError(PermanentError):
    """The source has far fewer rows than at the last good load; a person can accept the drop."""
