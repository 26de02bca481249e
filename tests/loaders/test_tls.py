"""The certificates that a server is verified against: the usual ones and a source's bundle."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from include.loaders import CertificateError, LoadOptions, Origin
from include.loaders.http_client import Client
from include.loaders.tls import BUNDLES, EXPIRY_WARNING, expiry_notes, find_bundle, tls_context
from tests.loaders.certificate_authority import issue


def test_committed_bundles_are_in_the_folder_of_trust() -> None:
    assert Path("include/trust").resolve() == BUNDLES.resolve()


def test_a_connections_bundle_wins_over_the_committed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.loaders.tls.BUNDLES", tmp_path)
    assert find_bundle("epa", Origin()) is None
    committed, named = tmp_path / "epa.pem", tmp_path / "named.pem"
    committed.touch()
    named.touch()

    assert find_bundle("epa", Origin()) == committed
    assert find_bundle("other", Origin()) is None
    assert find_bundle("epa", Origin(ca_bundle=str(named))) == named
    with pytest.raises(CertificateError) as failure:
        find_bundle("epa", Origin(ca_bundle="no.pem"))
    assert str(failure.value) == "epa: the CA bundle no.pem does not exist."


def test_a_context_verifies_and_trusts_a_bundle_as_well(tmp_path: Path) -> None:
    bundle = tmp_path / "x.pem"
    bundle.write_bytes(issue("Root").pem)

    usual, more = tls_context("epa", None), tls_context("epa", bundle)

    assert usual.verify_mode == more.verify_mode == ssl.CERT_REQUIRED
    assert len(more.get_ca_certs()) == len(usual.get_ca_certs()) + 1
    bundle.write_text("nothing")
    with pytest.raises(CertificateError, match=rf"^epa: the CA bundle {bundle} cannot be read \("):
        tls_context("epa", bundle)


@pytest.mark.parametrize(
    "text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_bundle_that_cannot_be_read_is_one_error(tmp_path: Path, text: str) -> None:
    bundle = tmp_path / "x.pem"
    bundle.write_text(text)

    with pytest.raises(CertificateError, match=rf"^epa: the CA bundle {bundle} cannot be read \("):
        Client("epa", Origin(ca_bundle=str(bundle)), LoadOptions())


def test_a_bundle_without_a_certificate_is_one_error(tmp_path: Path) -> None:
    # OpenSSL loads a list of revoked certificates as well.
    authority, now = issue("Root"), datetime.now(UTC)
    revoked = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(days=1))
        .sign(authority.key, SHA256())
    )
    bundle = tmp_path / "x.pem"
    bundle.write_bytes(revoked.public_bytes(Encoding.PEM))

    with pytest.raises(CertificateError, match=rf"^epa: the CA bundle {bundle} cannot be read \("):
        Client("epa", Origin(ca_bundle=str(bundle)), LoadOptions())


@pytest.mark.parametrize("text", [None, "nothing"])
def test_roots_that_cannot_be_read_are_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    roots = tmp_path / "roots.pem"
    if text is not None:
        roots.write_text(text)
    monkeypatch.setenv("SSL_CERT_FILE", str(roots))

    with pytest.raises(CertificateError) as failure:
        Client("epa", Origin(), LoadOptions())
    assert failure.value.reason.startswith("the usual roots cannot be read (")
    assert failure.value.reason.endswith("); check `SSL_CERT_FILE` and `SSL_CERT_DIR`")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "gis.ca.gov/arcgis/rest", "../certs", "/x"])
def test_a_source_that_is_named_by_any_text_has_no_committed_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "certs.pem").touch()
    bundles = tmp_path / "trust"
    bundles.mkdir()
    monkeypatch.setattr("include.loaders.tls.BUNDLES", bundles)

    assert find_bundle(name, Origin()) is None
    with pytest.raises(CertificateError, match="does not exist"):
        find_bundle("epa", Origin(ca_bundle="y" * 300))


def test_certificates_that_expire_soon_are_noted(tmp_path: Path) -> None:
    bundle = tmp_path / "x.pem"
    early, late = issue("Early", days=10), issue("Late", days=400)
    bundle.write_bytes(early.pem + late.pem)
    end: datetime = early.certificate.not_valid_after_utc
    second = timedelta(seconds=1)

    def notes(now: datetime) -> list[str]:
        return expiry_notes(bundle, now)

    def note(word: str) -> str:
        return (
            f"the certificate CN=Early in x.pem {word} on {end:%Y-%m-%d}; run the trust command "
            "for its successor"
        )

    assert expiry_notes(None, end) == []
    assert timedelta(days=30) == EXPIRY_WARNING
    assert notes(end - EXPIRY_WARNING) == []
    assert notes(end - EXPIRY_WARNING + second) == [note("expires")]
    assert notes(end - second) == [note("expires")]
    assert notes(end) == [note("expired")]
