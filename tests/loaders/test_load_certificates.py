"""Servers that forget a certificate: found out, completed with a person's review, never let off."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from include.loaders import CertificateError, LoadOptions, Origin, TransientError, read_layer_info
from include.loaders.certificates import examine
from include.loaders.http_client import Client
from include.sources import ArcgisLayer, RawTable
from include.times import utc_now
from tests.loaders.certificate_authority import Identity, issue, server_context
from tests.loaders.layer import PATH, Layer
from tests.loaders.service import Reply, Service, serving

HURRIED = LoadOptions(retry_seconds=0)


@dataclass
class World:
    """A server that sends only its own certificate, and where its issuer can be found."""

    server: Service
    authority: Service
    root: Identity
    intermediate: Identity
    roots: Path

    @property
    def port(self) -> int:
        return int(self.server.url.rpartition(":")[2])

    def count(self, origin: Origin) -> int | None:
        """Ask the server for its layer, as a load does."""
        layer = ArcgisLayer("parcels", self.server.url + PATH, "OBJECTID", RawTable("S", "T"))
        return read_layer_info(layer, origin, HURRIED).count


@pytest.fixture
def open_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., World]]:
    """Make a world; `known` says whether its root is trusted, `complete` what its server sends."""
    with ExitStack() as stack:

        def make(*, known: bool = True, complete: bool = False, days: int = 365) -> World:
            authority = stack.enter_context(serving(lambda _: Reply(b"", 404)))
            root = issue("Root")
            intermediate = issue(
                "Intermediate", root, pointer=f"{authority.url}/root.p7c", days=days
            )
            leaf = issue("localhost", intermediate, pointer=f"{authority.url}/intermediate.cer")
            published = {"/root.p7c": root.pkcs7, "/intermediate.cer": intermediate.der}
            authority.usual = lambda request: Reply(published[request.path])
            chain = (leaf, intermediate) if complete else (leaf,)
            context = server_context(tmp_path, *chain)
            server = stack.enter_context(serving(Layer().answer, context))
            roots = tmp_path / "roots.pem"
            roots.write_bytes((root if known else issue("Another root")).pem)
            monkeypatch.setenv("SSL_CERT_FILE", str(roots))
            return World(server, authority, root, intermediate, roots)

        yield make


def test_an_incomplete_chain_is_refused_and_the_message_says_what_to_do(
    open_world: Callable[..., World],
) -> None:
    world = open_world()
    with pytest.raises(CertificateError, match="loaders trust localhost"):
        world.count(Origin())
    assert world.server.requests == []


def test_the_bundle_that_trust_writes_completes_the_chain(
    open_world: Callable[..., World], tmp_path: Path
) -> None:
    world = open_world()
    bundle = tmp_path / "parcels.pem"
    told = examine("localhost", world.port, bundle, world.roots)
    fingerprint = world.intermediate.certificate.fingerprint(SHA256()).hex(":").upper()
    for part in ("incomplete", "CN=Intermediate", fingerprint, "expires", "intermediate.cer"):
        assert part in told
    assert fingerprint in bundle.read_text()
    assert "KNOW" not in told
    assert world.count(Origin(ca_bundle=str(bundle))) == 10


def test_an_unknown_root_is_found_and_shouted_about(
    open_world: Callable[..., World], tmp_path: Path
) -> None:
    world = open_world(known=False)
    bundle = tmp_path / "parcels.pem"
    told = examine("localhost", world.port, bundle, world.roots)
    assert "A ROOT THAT THIS MACHINE DOES NOT KNOW" in told
    assert bundle.read_text().count("BEGIN CERTIFICATE") == 2
    assert world.count(Origin(ca_bundle=str(bundle))) == 10


def test_a_complete_chain_needs_no_bundle(open_world: Callable[..., World], tmp_path: Path) -> None:
    world = open_world(complete=True)
    assert "no bundle is needed" in examine("localhost", world.port, tmp_path / "x", world.roots)
    assert not (tmp_path / "x").exists()
    assert world.count(Origin()) == 10


def test_an_impostor_behind_the_pointer_is_not_believed(
    open_world: Callable[..., World], tmp_path: Path
) -> None:
    world = open_world()
    impostor = issue("Intermediate", issue("Root"))
    world.authority.always(lambda _: True, Reply(impostor.der))
    with pytest.raises(CertificateError, match=r"no pointer .* of CN=localhost leads"):
        examine("localhost", world.port, tmp_path / "x", world.roots)
    assert not (tmp_path / "x").exists()


def test_a_pointer_that_does_not_answer_may_answer_later(
    open_world: Callable[..., World], tmp_path: Path
) -> None:
    world = open_world()
    world.authority.always(lambda _: True, Reply(b"", 503))
    with pytest.raises(TransientError, match="503"):
        examine("localhost", world.port, tmp_path / "x", world.roots)


def test_a_bundle_that_ends_soon_is_reported(
    open_world: Callable[..., World], tmp_path: Path
) -> None:
    world = open_world(days=20)
    bundle = tmp_path / "parcels.pem"
    examine("localhost", world.port, bundle, world.roots)
    with Client("parcels", Origin(ca_bundle=str(bundle)), LoadOptions()) as client:
        [note] = client.notes
    assert "CN=Intermediate in parcels.pem expires on" in note
    later = LoadOptions(now=lambda: utc_now() + timedelta(days=40))
    with Client("parcels", Origin(ca_bundle=str(bundle)), later) as client:
        assert "expired on" in client.notes[0]


def test_a_bundle_that_is_not_there_is_named(open_world: Callable[..., World]) -> None:
    with pytest.raises(CertificateError, match=r"nowhere\.pem does not exist"):
        open_world().count(Origin(ca_bundle="nowhere.pem"))


def test_a_bundle_in_the_tree_is_used_by_its_sources_name(
    open_world: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = open_world()
    examine("localhost", world.port, tmp_path / "parcels.pem", world.roots)
    monkeypatch.setattr("include.loaders.tls.BUNDLES", tmp_path)
    assert world.count(Origin()) == 10


def test_a_certificate_for_another_name_is_refused(
    open_world: Callable[..., World], tmp_path: Path
) -> None:
    world = open_world(complete=True)
    port = urlsplit(world.server.url).port
    with pytest.raises(CertificateError, match="cannot be verified"):
        world.count(Origin(base_url=f"https://127.0.0.1:{port}"))
