"""What a server's certificates lack, and a bundle that has it, for a person to review."""

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

import certifi
import httpx
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from include.loaders.chain import TIMEOUT, chain_end
from include.loaders.errors import CertificateError, TransientError
from include.loaders.issuers import Issuer, missing_issuers

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
