"""A root, an intermediate and a server's certificate that points to the intermediate."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

PEM = serialization.Encoding.PEM
DER = serialization.Encoding.DER
# What an authority's key is for: signing certificates and lists of revoked ones.
_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Identity:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)

    @property
    def pkcs7(self) -> bytes:
        return pkcs7.serialize_certificates([self.certificate], DER)


def issue(
    name: str,
    issuer: Identity | None = None,
    *,
    pointer: str = "",
    ocsp: str = "",
    days: int = 365,
    identified: bool = True,
) -> Identity:
    """A certificate for an authority, or for the server if the name is `localhost`.

    `pointer` is the address of the issuer's own certificate, `ocsp` that of its service for
    revoked certificates. `identified`: the certificate names its issuer's key.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    is_server = name == "localhost"
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days, hours=1))
        .add_extension(x509.BasicConstraints(ca=not is_server, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    # RFC 5280 wants these; Python 3.13 refuses a chain without them (ssl.VERIFY_X509_STRICT).
    if issuer and identified:
        signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(signed_by, critical=False)
    if not is_server:
        builder = builder.add_extension(_SIGNS, critical=True)
    if is_server:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
    places = {
        AuthorityInformationAccessOID.OCSP: ocsp,
        AuthorityInformationAccessOID.CA_ISSUERS: pointer,
    }
    access = [
        x509.AccessDescription(kind, x509.UniformResourceIdentifier(url))
        for kind, url in places.items()
        if url
    ]
    if access:
        builder = builder.add_extension(x509.AuthorityInformationAccess(access), critical=False)
    signer = issuer.key if issuer else key
    return Identity(builder.sign(signer, hashes.SHA256()), key)


def server_context(folder: Path, *chain: Identity) -> ssl.SSLContext:
    """The TLS context of a server that sends this chain, its own certificate first."""
    key = chain[0].key.private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(key + b"".join(identity.pem for identity in chain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
