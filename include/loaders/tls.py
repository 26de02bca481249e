"""The certificates that a source's server is verified against. Verification is never off."""

import ssl
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509

from include.loaders.errors import CertificateError
from include.loaders.options import Origin

# A source whose server sends an incomplete chain has its bundle here, under the source's name.
BUNDLES = Path(__file__).parents[1] / "trust"
EXPIRY_WARNING = timedelta(days=30)


def find_bundle(source: str, origin: Origin) -> Path | None:
    """The PEM file to trust beside the usual roots, if the source needs one.

    The connection's own file wins over `include/trust/SOURCE.pem`.

    Raises:
        CertificateError: The connection names a file that does not exist.
    """
    if origin.ca_bundle is not None:
        named = Path(origin.ca_bundle)
        if not _is_file(named):
            raise CertificateError(source, f"the CA bundle {named} does not exist")
        return named
    # A source of the command line is named by its address, which may be any text.
    committed = BUNDLES / f"{source}.pem"
    return committed if committed.parent == BUNDLES and _is_file(committed) else None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # The name is too long, or no folder on the way may be read.
        return False


def tls_context(source: str, bundle: Path | None) -> ssl.SSLContext:
    """A context that verifies against the usual roots and a bundle's certificates.

    The usual roots are `SSL_CERT_FILE`, `SSL_CERT_DIR` or certifi's. Reading them takes about
    30 ms, once a load.

    Raises:
        CertificateError: The bundle or the usual roots have no certificate that can be read.
    """
    try:
        context = httpx.create_ssl_context()
    except OSError as error:
        raise CertificateError(
            source,
            f"the usual roots cannot be read ({error}); check `SSL_CERT_FILE` and `SSL_CERT_DIR`",
        ) from error
    if bundle is not None:
        try:
            context.load_verify_locations(cafile=str(bundle))
            x509.load_pem_x509_certificates(bundle.read_bytes())
        except (OSError, ValueError) as error:
            raise CertificateError(
                source, f"the CA bundle {bundle} cannot be read ({error})"
            ) from error
    return context


def expiry_notes(bundle: Path | None, now: datetime) -> list[str]:
    """A sentence for each of a bundle's certificates that has expired or expires soon.

    Args:
        bundle: A PEM file of certificates.
        now: The time of day, in UTC.
    """
    if bundle is None:
        return []
    return [
        f"the certificate {certificate.subject.rfc4514_string()} in {bundle.name} "
        f"{'expired' if certificate.not_valid_after_utc <= now else 'expires'} on "
        f"{certificate.not_valid_after_utc:%Y-%m-%d}; run the trust command for its successor"
        for certificate in x509.load_pem_x509_certificates(bundle.read_bytes())
        if certificate.not_valid_after_utc - now < EXPIRY_WARNING
    ]
