"""Servers that do not send a certificate: refused, unless a reviewed bundle completes the chain."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from include.loaders import CertificateError, LoadOptions, Origin, TransientError, read_layer_info
from include.loaders.certificates import complete_chain
from include.loaders.http_client import Client
from include.sources import ArcgisLayer, RawTable
from include.times import utc_now
from tests.loaders.certificate_authority import Identity, issue, server_context
from tests.loaders.layer import PATH, Layer
from tests.loaders.service import Reply, Service, serving

HURRIED = LoadOptions(retry_seconds=0)


@dataclass
class Servers:
    """A server that does not send its issuer's certificate, and the authority that publishes it."""

    server: Service
    authority: Service
    root: Identity
    intermediate: Identity
    roots: Path

    @property
    def port(self) -> int:
        return int(self.server.url.rpartition(":")[2])

    def count(self, origin: Origin) -> int | None:
        """Read the count of the server's layer, as a load does."""
        layer = ArcgisLayer("parcels", self.server.url + PATH, "OBJECTID", RawTable("S", "T"))
        return read_layer_info(layer, origin, HURRIED).count


@pytest.fixture(autouse=True, params=["3.12", "3.13"], ids=lambda python: f"as Python {python}")
def python(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Verify as a version of Python does by default: 3.13 is stricter and trusts partial chains."""
    create = ssl.create_default_context
    new = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN

    def as_that_python(*arguments: Any, **options: Any) -> ssl.SSLContext:
        context = create(*arguments, **options)
        context.verify_flags &= ~new
        if request.param == "3.13":
            context.verify_flags |= new
        return context

    monkeypatch.setattr(ssl, "create_default_context", as_that_python)
    return str(request.param)


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Servers]]:
    """Start servers; `known`: the root is trusted; `complete`: the server sends its whole chain."""
    with ExitStack() as stack:

        def make(
            *, known: bool = True, complete: bool = False, days: int = 365, identified: bool = True
        ) -> Servers:
            authority = stack.enter_context(serving(lambda _: Reply(b"", 404)))
            root = issue("Root")
            intermediate = issue(
                "Intermediate", root, pointer=f"{authority.url}/root.p7c", days=days
            )
            leaf = issue(
                "localhost",
                intermediate,
                pointer=f"{authority.url}/intermediate.cer",
                identified=identified,
            )
            published = {"/root.p7c": root.pkcs7, "/intermediate.cer": intermediate.der}
            authority.usual = lambda request: Reply(published[request.path])
            chain = (leaf, intermediate) if complete else (leaf,)
            context = server_context(tmp_path, *chain)
            server = stack.enter_context(serving(Layer().answer, context))
            roots = tmp_path / "roots.pem"
            roots.write_bytes((root if known else issue("Another root")).pem)
            monkeypatch.setenv("SSL_CERT_FILE", str(roots))
            return Servers(server, authority, root, intermediate, roots)

        yield make


def test_an_incomplete_chain_is_refused_and_the_message_names_the_command(
    start: Callable[..., Servers],
) -> None:
    servers = start()
    with pytest.raises(CertificateError, match="loaders trust localhost"):
        servers.count(Origin())
    assert servers.server.requests == []


def test_the_bundle_that_trust_writes_completes_the_chain(
    start: Callable[..., Servers], tmp_path: Path
) -> None:
    servers = start()
    bundle = tmp_path / "parcels.pem"
    found = complete_chain("localhost", servers.port, bundle, servers.roots)
    fingerprint = servers.intermediate.certificate.fingerprint(SHA256()).hex(":").upper()
    for part in ("incomplete", "CN=Intermediate", fingerprint, "expires", "intermediate.cer"):
        assert part in found
    assert fingerprint in bundle.read_text()
    assert "KNOW" not in found
    assert servers.count(Origin(ca_bundle=str(bundle))) == 10


def test_an_unknown_root_is_found_and_marked(start: Callable[..., Servers], tmp_path: Path) -> None:
    servers = start(known=False)
    bundle = tmp_path / "parcels.pem"
    found = complete_chain("localhost", servers.port, bundle, servers.roots)
    assert "A ROOT THAT THIS MACHINE DOES NOT KNOW" in found
    assert bundle.read_text().count("BEGIN CERTIFICATE") == 2
    assert servers.count(Origin(ca_bundle=str(bundle))) == 10


def test_a_complete_chain_needs_no_bundle(start: Callable[..., Servers], tmp_path: Path) -> None:
    servers = start(complete=True)
    assert "no bundle is needed" in complete_chain(
        "localhost", servers.port, tmp_path / "x", servers.roots
    )
    assert not (tmp_path / "x").exists()
    assert servers.count(Origin()) == 10


def test_a_chain_without_key_identifiers_is_refused_where_python_is_strict(
    start: Callable[..., Servers], python: str
) -> None:
    servers = start(complete=True, identified=False)

    if python == "3.12":
        assert servers.count(Origin()) == 10
    else:
        with pytest.raises(CertificateError, match="Missing Authority Key Identifier"):
            servers.count(Origin())


def test_another_issuer_behind_the_pointer_is_refused(
    start: Callable[..., Servers], tmp_path: Path
) -> None:
    servers = start()
    impostor = issue("Intermediate", issue("Root"))
    servers.authority.always(lambda _: True, Reply(impostor.der))
    with pytest.raises(CertificateError, match=r"no pointer .* of CN=localhost leads"):
        complete_chain("localhost", servers.port, tmp_path / "x", servers.roots)
    assert not (tmp_path / "x").exists()


def test_a_pointer_that_does_not_answer_is_a_transient_failure(
    start: Callable[..., Servers], tmp_path: Path
) -> None:
    servers = start()
    servers.authority.always(lambda _: True, Reply(b"", 503))
    with pytest.raises(TransientError, match="503"):
        complete_chain("localhost", servers.port, tmp_path / "x", servers.roots)


def test_a_bundle_that_expires_soon_is_reported(
    start: Callable[..., Servers], tmp_path: Path
) -> None:
    servers = start(days=20)
    bundle = tmp_path / "parcels.pem"
    complete_chain("localhost", servers.port, bundle, servers.roots)
    with Client("parcels", Origin(ca_bundle=str(bundle)), LoadOptions()) as client:
        [note] = client.notes
    assert "CN=Intermediate in parcels.pem expires on" in note
    later = LoadOptions(now=lambda: utc_now() + timedelta(days=40))
    with Client("parcels", Origin(ca_bundle=str(bundle)), later) as client:
        assert "expired on" in client.notes[0]


def test_a_missing_bundle_is_named(start: Callable[..., Servers]) -> None:
    with pytest.raises(CertificateError, match=r"nowhere\.pem does not exist"):
        start().count(Origin(ca_bundle="nowhere.pem"))


def test_a_committed_bundle_is_found_by_its_sources_name(
    start: Callable[..., Servers], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = start()
    complete_chain("localhost", servers.port, tmp_path / "parcels.pem", servers.roots)
    monkeypatch.setattr("include.loaders.tls.BUNDLES", tmp_path)
    assert servers.count(Origin()) == 10


def test_a_certificate_for_another_name_is_refused(
    start: Callable[..., Servers], tmp_path: Path
) -> None:
    servers = start(complete=True)
    port = urlsplit(servers.server.url).port
    with pytest.raises(CertificateError, match="cannot be verified"):
        servers.count(Origin(base_url=f"https://127.0.0.1:{port}"))
