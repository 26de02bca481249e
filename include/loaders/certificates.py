"""The certificates that a server does not send, found for a person to review.

A server with an incomplete chain cannot be verified. Its certificate points to its issuer's, so the
missing certificates can be fetched and written as a bundle.
"""

import select
import socket
import ssl
from dataclasses import dataclass
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
from include.times import utc_now

TIMEOUT = 20.0
LONGEST_CHAIN = 8
# An issuer's certificate has a few kilobytes; a PKCS #7 bag of a large authority has more.
LARGEST_ANSWER = 1_000_000
ROOTS = Path(certifi.where())


@dataclass(frozen=True)
class Issuer:
    """A certificate that a pointer led to, and the address it was found at."""

    certificate: x509.Certificate
    url: str

    @property
    def is_root(self) -> bool:
        """True if the certificate is its own issuer: only a person can decide to trust it."""
        return self.certificate.issuer == self.certificate.subject


def complete_chain(host: str, port: int, output: Path, roots: Path = ROOTS) -> str:
    """Check a server's certificate chain and write the certificates that are missing from it.

    Args:
        host: The server's name.
        port: The server's port.
        output: The bundle to write, if a certificate is missing.
        roots: A PEM file of trusted roots.

    Returns:
        The findings, in several lines, with fingerprints (SHA-256) and expiry.

    Raises:
        TransientError: The server or an issuer's pointer is out of reach.
        CertificateError: The issuers cannot be found, or the bundle does not complete the chain.
    """
    try:
        last, problem = _last_certificate(host, port, roots)
        if not problem:
            found = _describe(last)
            return f"{host}:{port} sends a complete chain; no bundle is needed.\n{found}"
        trusted = x509.load_pem_x509_certificates(roots.read_bytes())
        issuers = _missing_issuers(last, trusted)
    except (OSError, httpx.HTTPError) as error:
        raise TransientError(host, f"out of reach ({error})") from error
    except ValueError as error:
        raise CertificateError(host, f"its issuers cannot be found: {error}") from error
    if not issuers:
        raise CertificateError(host, f"no certificate is missing, but {problem}")
    output.write_text("".join(_bundle_entry(issuer) for issuer in issuers))
    _check_bundle(host, port, output, roots)
    lines = [f"{host}:{port} sends an incomplete chain ({problem}). It ends with:", _describe(last)]
    for issuer in issuers:
        lines += ["", f"Found at {issuer.url}:", _describe(issuer.certificate)]
        if issuer.is_root:
            lines.append("  A ROOT THAT THIS MACHINE DOES NOT KNOW: compare its fingerprint with")
            lines.append("  the authority's own publication before you trust it.")
    lines += ["", f"With {output} the chain verifies. Review the file before you use it."]
    return "\n".join(lines)


def _last_certificate(host: str, port: int, roots: Path) -> tuple[x509.Certificate, str]:
    """The last certificate of the chain that a server sends, and the problem with the chain.

    Verification is on: the handshake fails if the chain is incomplete, and the certificates are
    recorded before it does. The problem is in OpenSSL's words; empty if there is none.

    Raises:
        OSError: The server is out of reach.
        ValueError: The server sends no certificate.
    """
    chain: dict[int, x509.Certificate] = {}
    problems: list[str] = []

    def record(_: SSL.Connection, certificate: object, code: int, depth: int, good: int) -> bool:
        chain[depth] = certificate.to_cryptography()  # type: ignore[attr-defined]
        if not good:
            problems.append(f"OpenSSL error {code} at depth {depth}")
        return bool(good)

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.load_verify_locations(str(roots).encode())
    context.set_verify(SSL.VERIFY_PEER, record)
    with socket.create_connection((host, port), TIMEOUT) as plain:
        connection = SSL.Connection(context, plain)
        connection.set_tlsext_host_name(host.encode())
        connection.set_connect_state()
        try:
            _shake_hands(connection, plain)
        except SSL.Error as error:
            if not chain:
                raise ValueError(f"no certificate was sent ({error})") from error
    return chain[max(chain)], "; ".join(problems)


def _shake_hands(connection: SSL.Connection, plain: socket.socket) -> None:
    while True:
        try:
            connection.do_handshake()
        except (SSL.WantReadError, SSL.WantWriteError):
            if not any(select.select([plain], [plain], [], TIMEOUT)):
                raise TimeoutError("the handshake took too long") from None
        else:
            return


def _missing_issuers(certificate: x509.Certificate, roots: list[x509.Certificate]) -> list[Issuer]:
    """The issuers above a certificate, up to one that a trusted root has issued, or to a root.

    Raises:
        ValueError: A certificate has no usable pointer, or the pointer leads to another issuer.
    """
    found: list[Issuer] = []
    while certificate.issuer != certificate.subject and not any(
        _has_issued(root, certificate) for root in roots
    ):
        if len(found) == LONGEST_CHAIN:
            raise ValueError(f"there are more than {LONGEST_CHAIN} issuers")
        found.append(_find_issuer(certificate))
        certificate = found[-1].certificate
    return found


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _find_issuer(certificate: x509.Certificate) -> Issuer:
    for url in _pointers(certificate):
        for candidate in _parse_certificates(_fetch(url)):
            if _has_issued(candidate, certificate):
                return Issuer(candidate, url)
    name = certificate.subject.rfc4514_string()
    raise ValueError(f"no pointer in the certificate of {name} leads to its issuer")


def _pointers(certificate: x509.Certificate) -> list[str]:
    """The addresses at which a certificate says that its issuer's certificate is."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return []
    return [
        description.access_location.value
        for description in access.value
        if description.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and str(description.access_location.value).startswith(("http://", "https://"))
    ]


def _parse_certificates(data: bytes) -> list[x509.Certificate]:
    """The certificates in DER, PEM or a PKCS #7 bag; a pointer may lead to any of them."""
    if data.lstrip().startswith(b"-----BEGIN CERTIFICATE"):
        return x509.load_pem_x509_certificates(data)
    try:
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        return list(pkcs7.load_der_pkcs7_certificates(data))


def _fetch(url: str) -> bytes:
    # Issuers are published over plain HTTP: their signatures prove them.
    with httpx.stream("GET", url, timeout=TIMEOUT, follow_redirects=True) as response:
        response.raise_for_status()
        data = b""
        for chunk in response.iter_bytes():
            data += chunk
            if len(data) > LARGEST_ANSWER:
                raise ValueError(f"{url} answers more than {LARGEST_ANSWER:,} bytes")
    return data


def _describe(certificate: x509.Certificate) -> str:
    left = certificate.not_valid_after_utc - utc_now()
    return (
        f"  subject:     {certificate.subject.rfc4514_string()}\n"
        f"  issuer:      {certificate.issuer.rfc4514_string()}\n"
        f"  fingerprint: {certificate.fingerprint(SHA256()).hex(':').upper()}\n"
        f"  expires:     {certificate.not_valid_after_utc:%Y-%m-%d} (in {left.days} days)"
    )


def _bundle_entry(issuer: Issuer) -> str:
    """A certificate in PEM, below a comment for its reviewer."""
    comment = "\n".join(f"#{line}" for line in _describe(issuer.certificate).splitlines())
    pem = issuer.certificate.public_bytes(Encoding.PEM).decode()
    return f"{comment}\n#  found at:    {issuer.url}\n{pem}"


def _check_bundle(host: str, port: int, bundle: Path, roots: Path) -> None:
    """Shake hands with the bundle; the host's name is checked as well.

    Raises:
        CertificateError: The bundle does not complete the chain.
    """
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
