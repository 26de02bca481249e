"""What a server's certificates lack, and a bundle that has it, for a person to review."""

import select
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import certifi
import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID
from OpenSSL import SSL

from include.loaders.errors import CertificateError, TransientError

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


LONGEST_CHAIN = 8


@dataclass(frozen=True)
class Issuer:
    """A certificate that a pointer led to. `is_root` says that it vouches for itself alone."""

    certificate: x509.Certificate
    url: str

    @property
    def is_root(self) -> bool:
        """Whether it is its own issuer: nothing but a person can say that it is the right one."""
        return self.certificate.issuer == self.certificate.subject


def missing_issuers(
    end: x509.Certificate, roots: list[x509.Certificate], fetch: Callable[[str], bytes]
) -> list[Issuer]:
    """The issuers above a certificate, up to one that a trusted root has issued, or to a root.

    Args:
        end: The last certificate that the server sends.
        roots: The trusted roots.
        fetch: Gets the bytes at an address.

    Raises:
        ValueError: A certificate has no usable pointer, or what is there has not issued it.
    """
    found: list[Issuer] = []
    while end.issuer != end.subject and not any(issued(end, root) for root in roots):
        if len(found) == LONGEST_CHAIN:
            raise ValueError(f"there are more than {LONGEST_CHAIN} issuers")
        found.append(_issuer(end, fetch))
        end = found[-1].certificate
    return found


def issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` has signed `certificate`."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _issuer(certificate: x509.Certificate, fetch: Callable[[str], bytes]) -> Issuer:
    for url in _pointers(certificate):
        for candidate in _certificates(fetch(url)):
            if issued(certificate, candidate):
                return Issuer(candidate, url)
    name = certificate.subject.rfc4514_string()
    raise ValueError(f"no pointer in the certificate of {name} leads to its issuer")


def _pointers(certificate: x509.Certificate) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return []
    return [
        one.access_location.value
        for one in access.value
        if one.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and str(one.access_location.value).startswith(("http://", "https://"))
    ]


def _certificates(data: bytes) -> list[x509.Certificate]:
    """Certificates as DER, as PEM or as a PKCS #7 bag, as the pointer may lead to any of them."""
    if data.lstrip().startswith(b"-----BEGIN CERTIFICATE"):
        return x509.load_pem_x509_certificates(data)
    try:
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        return list(pkcs7.load_der_pkcs7_certificates(data))


# An issuer's certificate has a few kilobytes; a PKCS #7 bag of a large authority some more.
LARGEST = 1_000_000


def examine(
    host: str,
    port: int,
    output: Path,
    roots: Path = Path(certifi.where()),  # noqa: B008
) -> str:
    """Look at a server's chain and write the certificates that are missing from it.

    Args:
        host: The server's name.
        port: Its port.
        output: The bundle to write, if anything is missing.
        roots: A PEM file of trusted roots.

    Returns:
        What was found, in several lines, with fingerprints (SHA-256) and expiry.

    Raises:
        TransientError: The server, or an issuer's pointer, is out of reach.
        CertificateError: The issuers cannot be found, or the bundle does not help.
    """
    try:
        end, problem = chain_end(host, port, roots)
        if not problem:
            return f"{host}:{port} sends a complete chain; no bundle is needed.\n{_shown(end)}"
        trusted = x509.load_pem_x509_certificates(roots.read_bytes())
        issuers = missing_issuers(end, trusted, _fetch)
    except (OSError, httpx.HTTPError) as error:
        raise TransientError(host, f"out of reach ({error})") from error
    except ValueError as error:
        raise CertificateError(host, f"its issuers cannot be found: {error}") from error
    if not issuers:
        raise CertificateError(host, f"no certificate is missing, but {problem}")
    output.write_text("".join(_entry(one) for one in issuers))
    _prove(host, port, output, roots)
    lines = [f"{host}:{port} sends an incomplete chain ({problem}). It ends with:", _shown(end)]
    for one in issuers:
        lines += ["", f"Found at {one.url}:", _shown(one.certificate)]
        if one.is_root:
            lines.append("  A ROOT THAT THIS MACHINE DOES NOT KNOW: compare its fingerprint with")
            lines.append("  the authority's own publication before you trust it.")
    lines += ["", f"With {output} the chain verifies. Review it before it is used."]
    return "\n".join(lines)


def _shown(certificate: x509.Certificate) -> str:
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    return (
        f"  subject:     {certificate.subject.rfc4514_string()}\n"
        f"  issuer:      {certificate.issuer.rfc4514_string()}\n"
        f"  fingerprint: {certificate.fingerprint(SHA256()).hex(':').upper()}\n"
        f"  expires:     {certificate.not_valid_after_utc:%Y-%m-%d} (in {left.days} days)"
    )


def _entry(issuer: Issuer) -> str:
    """One certificate of the bundle, with what a reviewer needs to know above it."""
    comment = "\n".join(f"#{line}" for line in _shown(issuer.certificate).splitlines())
    pem = issuer.certificate.public_bytes(Encoding.PEM).decode()
    return f"{comment}\n#  found at:    {issuer.url}\n{pem}"


def _fetch(url: str) -> bytes:
    # Issuers are published over plain HTTP: their signatures are what is checked.
    with httpx.stream("GET", url, timeout=TIMEOUT, follow_redirects=True) as response:
        response.raise_for_status()
        data = b""
        for chunk in response.iter_bytes():
            data += chunk
            if len(data) > LARGEST:
                raise ValueError(f"{url} answers more than {LARGEST:,} bytes")
    return data


def _prove(host: str, port: int, bundle: Path, roots: Path) -> None:
    """Shake hands with the bundle, the host's name checked as always."""
    context = ssl.create_default_context(cafile=str(roots))
    context.load_verify_locations(cafile=str(bundle))
    try:
        with (
            socket.create_connection((host, port), TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return
    except ssl.SSLError as error:
        raise CertificateError(host, f"{bundle} does not complete the chain ({error})") from error
