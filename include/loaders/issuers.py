"""The issuers of a certificate, by the pointers in it.

A certificate may say where its issuer's own certificate is (RFC 5280, section 4.2.2.1); browsers
follow that pointer, libraries do not.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID

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
