"""Which certificates a source's server is verified against. Verification is never off."""

import os
import ssl
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import certifi
from cryptography import x509

from include.loaders.errors import CertificateError
from include.loaders.options import Origin

# A source whose server sends an incomplete chain has its bundle here, under its own name.
BUNDLES = Path(__file__).parents[1] / "trust"
EXPIRY_WARNING = timedelta(days=30)


def bundle_of(source: str, origin: Origin) -> Path | None:
    """The PEM file to trust beside the usual roots: the connection's own, or the tree's.

    Raises:
        CertificateError: The connection names a file that is not there.
    """
    if origin.ca_bundle is not None:
        named = Path(origin.ca_bundle)
        if not named.is_file():
            raise CertificateError(source, f"the CA bundle {named} does not exist")
        return named
    kept = BUNDLES / f"{source}.pem"
    return kept if kept.is_file() else None


class _Patient(ssl.SSLContext):
    """Reads the usual roots when the first connection needs them; until then it trusts nothing.

    Reading them takes longer than a small load, and plain HTTP needs none.
    """

    _lock = Lock()
    _has_roots = False

    def wrap_socket(self, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        """Wrap a socket, with the roots in place."""
        self._read_roots()
        return super().wrap_socket(*arguments, **named)

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:
        """Wrap what goes through a proxy, with the roots in place."""
        self._read_roots()
        return super().wrap_bio(*arguments, **named)

    def _read_roots(self) -> None:
        with self._lock:
            if not self._has_roots:
                folder = os.environ.get("SSL_CERT_DIR")
                file = os.environ.get("SSL_CERT_FILE")
                self.load_verify_locations(file or (None if folder else certifi.where()), folder)
                self._has_roots = True


def context_for(source: str, bundle: Path | None) -> ssl.SSLContext:
    """A context that verifies against the usual roots and a bundle's certificates.

    Raises:
        CertificateError: The bundle holds no certificate that can be read.
    """
    context = _Patient(ssl.PROTOCOL_TLS_CLIENT)
    if bundle is not None:
        try:
            context.load_verify_locations(cafile=str(bundle))
        except ssl.SSLError as error:
            raise CertificateError(
                source, f"the CA bundle {bundle} cannot be read ({error})"
            ) from error
    return context


def expiry_notes(bundle: Path | None, now: datetime) -> list[str]:
    """A sentence for each of a bundle's certificates that ends soon or has ended.

    Args:
        bundle: A PEM file of certificates.
        now: The time of day, in UTC.
    """
    if bundle is None:
        return []
    return [
        f"the certificate {one.subject.rfc4514_string()} in {bundle.name} "
        f"{'expired' if one.not_valid_after_utc <= now else 'expires'} on "
        f"{one.not_valid_after_utc:%Y-%m-%d}; run the trust command for its successor"
        for one in x509.load_pem_x509_certificates(bundle.read_bytes())
        if one.not_valid_after_utc - now < EXPIRY_WARNING
    ]
