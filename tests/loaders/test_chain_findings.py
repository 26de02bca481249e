"""The findings on a server's certificate chain: what is reported, written and refused."""

import re
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from include.loaders import CertificateError, PermanentError, TransientError, certificates
from include.loaders.certificates import complete_chain
from tests.loaders.certificate_authority import issue, server_context
from tests.loaders.incomplete_chain import Chain, described
from tests.loaders.service import Reply, Service, serving


def test_a_missing_certificate_is_described_and_written_with_its_origin(
    chain: Callable[..., Chain],
) -> None:
    made = chain(lambda it: it.intermediate.der)

    found = made.complete()

    [url] = re.findall(r"http://\S+\.cer", found)
    assert re.sub(r"\(OpenSSL.*\)", "(PROBLEM)", found) == "\n".join(
        [
            f"localhost:{made.port} sends an incomplete chain (PROBLEM). It ends with:",
            described(made.leaf),
            "",
            f"Found at {url}:",
            described(made.intermediate),
            "",
            f"With {made.output} the chain verifies. Review the file before you use it.",
        ]
    )
    assert re.search(r"\(OpenSSL error \d+ at depth 0(; OpenSSL error \d+ at depth 0)*\)", found)
    comment = "\n".join(f"#{line}" for line in described(made.intermediate).splitlines())
    pem = made.intermediate.certificate.public_bytes(Encoding.PEM).decode()
    assert made.output.read_text() == f"{comment}\n#  found at:    {url}\n{pem}"


def test_an_unknown_root_is_written_below_its_intermediate_and_marked(
    chain: Callable[..., Chain],
) -> None:
    made = chain(lambda it: it.intermediate.der)
    made.roots.write_bytes(issue("Another root").pem)

    found = made.complete()

    parts = [
        f"#{described(identity)}".replace("\n", "\n#")
        + f"\n#  found at:    {made.authority.url}/{name}.cer\n"
        + identity.pem.decode()
        for name, identity in (("intermediate", made.intermediate), ("root", made.root))
    ]
    assert made.output.read_text() == "".join(parts)
    assert found.splitlines()[-10:] == [
        "",
        f"Found at {made.authority.url}/root.cer:",
        *described(made.root).splitlines(),
        "  A ROOT THAT THIS MACHINE DOES NOT KNOW: compare its fingerprint with",
        "  the authority's own publication before you trust it.",
        "",
        f"With {made.output} the chain verifies. Review the file before you use it.",
    ]


def test_a_server_out_of_reach_is_a_transient_failure(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        roots = tmp_path / "roots.pem"
        roots.write_bytes(issue("Root").pem)
        with pytest.raises(TransientError, match=r"^localhost: out of reach \("):
            complete_chain("localhost", port, tmp_path / "x", roots)


def test_a_server_without_tls_sends_no_certificate(
    tmp_path: Path, publish: Callable[[], Service]
) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(issue("Root").pem)
    port = int(publish().url.rpartition(":")[2])

    with pytest.raises(CertificateError, match="cannot be found: no certificate was sent"):
        complete_chain("localhost", port, tmp_path / "x", roots)


def test_a_complete_chain_is_described(tmp_path: Path) -> None:
    root = issue("Root")
    leaf = issue("localhost", root)
    roots = tmp_path / "roots.pem"
    roots.write_bytes(root.pem)
    context = server_context(tmp_path, leaf)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with serving(lambda _: Reply(b""), context) as server:
        port = int(server.url.rpartition(":")[2])
        found = complete_chain("localhost", port, tmp_path / "x", roots)

    # The server is asked by its name: a machine may serve several.
    assert names == ["localhost"]
    # The last certificate of a verified chain is the root itself.
    assert found == (
        f"localhost:{port} sends a complete chain; no bundle is needed.\n{described(root)}"
    )


def test_a_certificate_of_a_known_root_that_has_expired_misses_no_issuer(tmp_path: Path) -> None:
    root = issue("Root")
    leaf = issue("localhost", root, days=-1)
    roots = tmp_path / "roots.pem"
    roots.write_bytes(root.pem)
    with serving(lambda _: Reply(b""), server_context(tmp_path, leaf)) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(CertificateError) as failure:
            complete_chain("localhost", port, tmp_path / "x", roots)

    assert str(failure.value) == (
        "localhost: no certificate is missing, but OpenSSL error 10 at depth 0."
    )
    assert not (tmp_path / "x").exists()


def test_a_server_that_signs_itself_misses_no_issuer(tmp_path: Path) -> None:
    roots = tmp_path / "roots.pem"
    roots.write_bytes(issue("Root").pem)
    context = server_context(tmp_path, issue("localhost"))
    with serving(lambda _: Reply(b""), context) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(CertificateError, match=r"no certificate is missing, but OpenSSL"):
            complete_chain("localhost", port, tmp_path / "x", roots)


@pytest.mark.parametrize("before", [None, "the reviewed bundle"])
def test_a_bundle_that_does_not_complete_the_chain_is_not_written(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    made = chain(lambda it: it.intermediate.der)
    monkeypatch.setattr(certificates, "_bundle_entry", lambda _: issue("Other").pem.decode())
    if before is not None:
        made.output.write_text(before)
    files = set(made.output.parent.iterdir())

    with pytest.raises(CertificateError, match=r"bundle\.pem does not complete the chain \("):
        made.complete()
    assert set(made.output.parent.iterdir()) == files
    assert before is None or made.output.read_text() == before


def test_a_bundle_replaces_the_one_before(chain: Callable[..., Chain]) -> None:
    made = chain(lambda it: it.intermediate.der)
    made.output.write_text("old")
    files = set(made.output.parent.iterdir())

    made.complete()
    assert made.output.read_text().endswith(made.intermediate.pem.decode())
    assert set(made.output.parent.iterdir()) == files


@pytest.mark.parametrize("output", ["missing/bundle.pem", "."])
def test_a_bundle_that_cannot_be_written_there_is_refused_before_any_request(
    chain: Callable[..., Chain], output: str
) -> None:
    made = chain(lambda it: it.intermediate.der)
    path = made.output.parent / output

    with pytest.raises(PermanentError) as failure:
        # No server is at this port.
        complete_chain("localhost", 1, path, made.roots)
    assert str(failure.value) == (
        f"localhost: {path} cannot be written; name a file in a folder that exists."
    )


def test_a_folder_that_may_not_be_written_is_a_permanent_failure(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chain(lambda it: it.intermediate.der)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(PermanentError, match=r"cannot be written \(Permission denied\)"):
        made.complete()
    assert not made.output.exists()


def test_a_server_that_is_gone_before_the_proof_is_a_transient_failure(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chain(lambda it: it.intermediate.der)

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr("ssl.SSLContext.wrap_socket", refuse)
    with pytest.raises(TransientError, match=r"^localhost: out of reach \(refused\)"):
        certificates._check_bundle("localhost", made.port, made.roots, made.roots, made.output)


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 443), ("a..b", 443), ("a" * 64 + ".gov", 443), ("https://x", 443), ("localhost", 99_999)],
)
def test_a_server_whose_address_is_not_valid_is_a_permanent_failure(
    tmp_path: Path, root: Path, host: str, port: int
) -> None:
    with pytest.raises(PermanentError, match="is not the name and port of a server"):
        complete_chain(host, port, tmp_path / "x", root)


def test_a_connection_that_ends_within_the_handshake_is_a_transient_failure(
    tmp_path: Path, root: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            server.accept()[0].close()

        thread = Thread(target=hang_up)
        thread.start()
        with pytest.raises(TransientError, match=r"^localhost: out of reach \("):
            complete_chain("localhost", server.getsockname()[1], tmp_path / "x", root)
        thread.join()


def test_a_handshake_that_takes_too_long_is_given_up(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chain(lambda it: it.intermediate.der)
    nothing = SimpleNamespace(select=lambda *_: ([], [], []))
    monkeypatch.setattr(certificates, "select", nothing)
    from OpenSSL import SSL

    def wait(_: Any) -> None:
        raise SSL.WantReadError

    monkeypatch.setattr(SSL.Connection, "do_handshake", wait)
    with pytest.raises(TransientError, match="the handshake took too long"):
        made.complete()
