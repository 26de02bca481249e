"""The certificates that a server does not send, found for a person to review.

A server with an incomplete chain cannot be verified. Its certificate points to its issuer's, so the
missing certificates can be fetched and written as a bundle.
"""

import os
import select
import socket
import ssl
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import certifi
import httpx
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID
from OpenSSL import SSL

from include.loaders.addresses import check_address, chunks, request_from, send
from include.loaders.bodies import decompressed
from include.loaders.errors import CertificateError, PermanentError, TransientError
from include.loaders.responses import TRANSIENT_CODES
from include.times import utc_now

TIMEOUT = 20.0
# The most seconds that an issuer's certificate may take in all.
LONGEST_ANSWER = 60.0
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
        PermanentError: The bundle cannot be written there, or the address is not valid.
        TransientError: The server or an issuer's pointer is out of reach.
        CertificateError: The issuers cannot be found, or the bundle does not complete the chain.
    """
    try:
        check_address(httpx.URL(scheme="https", host=host, port=port))
    except (httpx.InvalidURL, ValueError) as error:
        reason = f"{host}:{port} is not the name and port of a server"
        raise PermanentError(host, reason) from error
    if not output.parent.is_dir() or output.is_dir():
        reason = f"{output} cannot be written; name a file in a folder that exists"
        raise PermanentError(host, reason)
    try:
        last, problem = _last_certificate(host, port, roots)
        if not problem:
            found = _describe(last)
            return f"{host}:{port} sends a complete chain; no bundle is needed.\n{found}"
        trusted = x509.load_pem_x509_certificates(roots.read_bytes())
        issuers = _missing_issuers(host, last, trusted)
    except (OSError, httpx.HTTPError) as error:
        raise TransientError(host, f"out of reach ({error})") from error
    except (EOFError, ValueError, UnsupportedAlgorithm, httpx.InvalidURL, zlib.error) as error:
        raise CertificateError(host, f"its issuers cannot be found: {error}") from error
    if not issuers:
        raise CertificateError(host, f"no certificate is missing, but {problem}")
    bundle = "".join(_bundle_entry(issuer) for issuer in issuers)
    with _replaced(host, output, bundle) as written:
        _check_bundle(host, port, written, roots, output)
    lines = [f"{host}:{port} sends an incomplete chain ({problem}). It ends with:", _describe(last)]
    for issuer in issuers:
        lines += ["", f"Found at {issuer.url}:", _describe(issuer.certificate)]
        if issuer.is_root:
            lines.append("  A ROOT THAT THIS MACHINE DOES NOT KNOW: compare its fingerprint with")
            lines.append("  the authority's own publication before you trust it.")
    lines += ["", f"With {output} the chain verifies. Review the file before you use it."]
    return "\n".join(lines)


@contextmanager
def _replaced(host: str, output: Path, text: str) -> Iterator[Path]:
    """A file with this text, which replaces `output` at the end, or is deleted after a failure.

    Raises:
        PermanentError: The file cannot be written.
    """
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        yield part
        part.replace(output)
    except OSError as error:
        raise PermanentError(host, f"{output} cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)


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
        except SSL.SysCallError as error:
            if not chain:
                raise OSError(f"the connection ended within the handshake: {error}") from error
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


def _missing_issuers(
    host: str, certificate: x509.Certificate, roots: list[x509.Certificate]
) -> list[Issuer]:
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
        found.append(_find_issuer(host, certificate))
        certificate = found[-1].certificate
    return found


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _find_issuer(host: str, certificate: x509.Certificate) -> Issuer:
    for url in _pointers(certificate):
        for candidate in _parse_certificates(_fetch(host, url)):
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


def _fetch(host: str, url: str) -> bytes:
    """What an address in the certificate of `host` answers.

    Issuers are published over plain HTTP: their signatures prove them.

    Raises:
        OSError: It answers with a failure that may pass.
        ValueError: It answers with another failure, or the host is public and it is not.
    """
    end = time.monotonic() + LONGEST_ANSWER

    def check_time() -> None:
        if time.monotonic() > end:
            raise TimeoutError(f"{url} did not answer within {LONGEST_ANSWER:g} seconds")

    with httpx.Client(timeout=TIMEOUT) as http:
        address = httpx.URL(url)
        check_address(address)
        request = request_from(http, host, address)
        response = send(http, request, same_origin=False, check_time=check_time)
        try:
            status = response.status_code
            if status in TRANSIENT_CODES or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise OSError(f"{url} answers HTTP status {status}")
            if status != HTTPStatus.OK:
                raise ValueError(f"{url} answers HTTP status {status}")
            data = b""
            for piece in decompressed(
                chunks(response), response.headers.get("content-encoding", "")
            ):
                check_time()
                data += piece
                if len(data) > LARGEST_ANSWER:
                    raise ValueError(f"{url} answers more than {LARGEST_ANSWER:,} bytes")
        finally:
            response.close()
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


def _check_bundle(host: str, port: int, bundle: Path, roots: Path, output: Path) -> None:
    """Shake hands with the bundle; the host's name is checked as well.

    Raises:
        CertificateError: The bundle, which is to be `output`, does not complete the chain.
        TransientError: The server is out of reach.
    """
    context = ssl.create_default_context(cafile=str(roots))
    # Python 3.13's default would trust the bundle's own certificates without a root above them.
    context.verify_flags &= ~ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cafile=str(bundle))
        with (
            socket.create_connection((host, port), TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=host),
        ):
            return
    except ssl.SSLCertVerificationError as error:
        raise CertificateError(host, f"{output} does not complete the chain ({error})") from error
    except OSError as error:
        raise TransientError(host, f"out of reach ({error})") from error
