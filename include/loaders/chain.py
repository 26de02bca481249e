"""The chain of certificates that a server sends."""

import select
import socket
from pathlib import Path

from cryptography import x509
from OpenSSL import SSL

TIMEOUT = 20.0


def chain_end(host: str, port: int, roots: Path) -> tuple[x509.Certificate, str]:
    """The last certificate of the chain that a server sends, and what is wrong with the chain.

    Verification is on: a handshake with an incomplete chain fails, and its certificate is seen
    while it does.

    Args:
        host: The server's name.
        port: Its port.
        roots: A PEM file of trusted roots.

    Returns:
        The last certificate and OpenSSL's words for the problem; empty if there is none.

    Raises:
        OSError: The server is out of reach.
        ValueError: It sends no certificate at all.
    """
    seen: dict[int, x509.Certificate] = {}
    problems: list[str] = []

    def look(_: SSL.Connection, certificate: object, code: int, depth: int, good: int) -> bool:
        seen[depth] = certificate.to_cryptography()  # type: ignore[attr-defined]
        if not good:
            problems.append(f"OpenSSL error {code} at depth {depth}")
        return bool(good)

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.load_verify_locations(str(roots).encode())
    context.set_verify(SSL.VERIFY_PEER, look)
    with socket.create_connection((host, port), TIMEOUT) as plain:
        connection = SSL.Connection(context, plain)
        connection.set_tlsext_host_name(host.encode())
        connection.set_connect_state()
        try:
            _shake_hands(connection, plain)
        except SSL.Error as error:
            if not seen:
                raise ValueError(f"no certificate was sent ({error})") from error
    return seen[max(seen)], "; ".join(problems)


def _shake_hands(connection: SSL.Connection, plain: socket.socket) -> None:
    while True:
        try:
            connection.do_handshake()
        except (SSL.WantReadError, SSL.WantWriteError):
            if not any(select.select([plain], [plain], [], TIMEOUT)):
                raise TimeoutError("the handshake took too long") from None
        else:
            return
