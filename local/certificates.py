"""Throw-away certificates: the emulated Snowflake speaks TLS, and clients verify it."""

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import certifi
import trustme
from cryptography import x509

from include.times import naive_utc, utc_now

HOSTS = ("127.0.0.1", "localhost")
LIFETIME = timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)
# Each connection reads the bundle; tests, which connect to the laptop only, leave certifi's out.
WITHOUT_PUBLIC = "LAPTOP_WITHOUT_PUBLIC_AUTHORITIES"


@dataclass(frozen=True)
class Certificates:
    """The PEM files of the certificates.

    Attributes:
        ca: The throw-away authority's certificate.
        server: The server's private key, certificate and chain, in one file.
        bundle: The authorities of certifi and `ca`, for `REQUESTS_CA_BUNDLE` and `SSL_CERT_FILE`.
    """

    ca: Path
    server: Path
    bundle: Path


def ensure_certificates(folder: Path) -> Certificates:
    """The certificates in `folder`, issued if they are missing or about to expire.

    The authority's private key is not stored, so nobody can sign with it later. The server's file
    is readable by its owner only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = Certificates(folder / "ca.pem", folder / "server.pem", folder / "bundle.pem")
    if not (_is_fresh(paths.ca) and _is_fresh(paths.server)):
        _issue(paths)
    # certifi's list changes with its version, so the bundle may have to be rebuilt.
    public = b"" if os.environ.get(WITHOUT_PUBLIC) else Path(certifi.where()).read_bytes() + b"\n"
    trusted = public + paths.ca.read_bytes()
    if not paths.bundle.is_file() or paths.bundle.read_bytes() != trusted:
        _write(paths.bundle, trusted)
    return paths


def _issue(paths: Certificates) -> None:
    authority = trustme.CA(organization_name="DDRC laptop")
    leaf = authority.issue_cert(*HOSTS, not_after=naive_utc(utc_now() + LIFETIME))
    _write(paths.server, leaf.private_key_and_cert_chain_pem.bytes(), mode=0o600)
    _write(paths.ca, authority.cert_pem.bytes())


def _is_fresh(path: Path) -> bool:
    """True if the file's first certificate does not expire soon."""
    if not path.is_file():
        return False
    pem = path.read_bytes()
    start = pem.find(b"-----BEGIN CERTIFICATE-----")
    if start < 0:
        return False
    certificate = x509.load_pem_x509_certificate(pem[start:])
    return certificate.not_valid_after_utc - utc_now() > RENEW_BEFORE


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file in one step, so that no reader sees half of it."""
    part = path.with_suffix(f".{os.getpid()}.part")
    part.touch(mode=mode)
    part.write_bytes(content)
    part.replace(path)
