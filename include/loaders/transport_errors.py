"""The failures of a connection as load errors: those that may pass, and those that stay."""

import re
import zlib

import httpx

from include.loaders.addresses import AddressError
from include.loaders.bodies import UnreadableError
from include.loaders.errors import (
    CertificateError,
    LoadError,
    OverloadedError,
    PermanentError,
    TransientError,
)
from include.loaders.responses import one_line

# The connection existed, and the server did not finish its answer.
UNFINISHED = (
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
)
LOST = re.compile("disconnected|closed connection")
# A proxy refuses with a client error; 407 asks for a password, 408 and 429 pass.
PROXY_REFUSAL = re.compile(r"4(?!08|25|29)\d\d\b")
TLS_REASON = re.compile(r"\[SSL: (\w+)\]")
# Both sides share no version or cipher, the port does not speak TLS, or the server requires a
# certificate of the client. Other failures of TLS, such as a connection that ends within the
# handshake, may pass.
LASTING_TLS_REASONS = {
    "BAD_SIGNATURE_ALGORITHM",
    "DH_KEY_TOO_SMALL",
    "EE_KEY_TOO_SMALL",
    "HTTP_REQUEST",
    "NO_CIPHERS_AVAILABLE",
    "NO_PROTOCOLS_AVAILABLE",
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "TLSV1_UNRECOGNIZED_NAME",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    "UNSUPPORTED_PROTOCOL",
    "VERSION_TOO_LOW",
    "WRONG_SIGNATURE_TYPE",
    "WRONG_SSL_VERSION",
    "WRONG_VERSION_NUMBER",
}


def transport_error(
    source: str, error: Exception, url: httpx.URL | None, request: str
) -> LoadError:
    """The load error for an exception of a request that brought no complete body.

    Args:
        source: The source's name.
        error: An `httpx.HTTPError`, `httpx.InvalidURL`, `ValueError`, `EOFError` or `zlib.error`.
        url: The address; `None` if it cannot be parsed.
        request: The request in one line.
    """
    text = one_line(str(error))
    kind: type[LoadError] = PermanentError
    if (tls := TLS_REASON.search(text)) is not None and tls[1] in LASTING_TLS_REASONS:
        reason = f"no TLS connection is possible ({text}); check the address and its port"
    elif tls is not None and tls[1] == "CERTIFICATE_VERIFY_FAILED" and url is not None:
        kind = CertificateError
        host = url.host if url.port is None else f"{url.host}:{url.port}"
        reason = (
            f"the certificate of {url.host} cannot be verified ({text}); see what it sends "
            f"with: python -m include.loaders trust {host}"
        )
    elif isinstance(error, httpx.LocalProtocolError):
        # The text quotes the header, which may be the token.
        reason = "the request is not valid HTTP; check the address and the token in the connection"
    elif isinstance(error, httpx.ProxyError):
        kind = PermanentError if PROXY_REFUSAL.match(text) else TransientError
        reason = f"the proxy makes no connection ({text})"
    elif isinstance(error, AddressError | UnreadableError | httpx.TooManyRedirects):
        reason = text
    elif isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | ValueError):
        reason = f"the address is not valid ({text})"
    elif isinstance(error, EOFError):
        kind, reason = OverloadedError, text
    elif isinstance(error, zlib.error):
        kind, reason = TransientError, f"the compressed answer is damaged ({text})"
    else:
        is_lost = isinstance(error, httpx.RemoteProtocolError) and LOST.search(text)
        kind = OverloadedError if is_lost or isinstance(error, UNFINISHED) else TransientError
        reason = f"no complete answer ({type(error).__name__}: {text})"
    return kind(source, reason, request)
