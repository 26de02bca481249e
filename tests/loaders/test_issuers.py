"""The issuers that a server does not send: where they are looked for, and what is taken."""

from collections.abc import Callable

import pytest

from include.loaders import (
    CertificateError,
    LoadError,
    TransientError,
    addresses,
    certificates,
)
from tests.loaders.certificate_authority import issue
from tests.loaders.incomplete_chain import Chain
from tests.loaders.service import Reply, Service


def test_only_the_pointer_to_the_issuer_is_followed(chain: Callable[..., Chain]) -> None:
    made = chain(lambda it: it.intermediate.der)

    made.complete()

    assert [request.path for request in made.authority.requests] == ["/intermediate.cer"]


def test_a_pointer_may_redirect(chain: Callable[..., Chain]) -> None:
    made = chain(lambda it: it.intermediate.der)
    moved = Reply(b"", 302, {"Location": "/elsewhere.cer"})
    made.authority.once(lambda _: True, moved)

    assert "/intermediate.cer:" in made.complete()


def test_a_certificate_with_a_failing_status_is_not_taken(chain: Callable[..., Chain]) -> None:
    made = chain(lambda it: it.intermediate.der)
    made.authority.always(lambda _: True, Reply(made.intermediate.der, 500))

    with pytest.raises(TransientError, match=r"^localhost: out of reach \(.*500"):
        made.complete()


@pytest.mark.parametrize(("status", "kind"), [(404, CertificateError), (429, TransientError)])
def test_a_pointer_that_leads_nowhere_stays_and_a_busy_one_may_pass(
    chain: Callable[..., Chain], status: int, kind: type[LoadError]
) -> None:
    made = chain(lambda it: it.intermediate.der)
    made.authority.always(lambda _: True, Reply(b"", status))

    with pytest.raises(kind, match=rf"/intermediate\.cer answers HTTP status {status}"):
        made.complete()


@pytest.mark.parametrize("pointer", ["http://h:abc/x", "http://a..b/x", "http:///x", "http://x\n"])
def test_a_pointer_that_is_no_address_is_refused(chain: Callable[..., Chain], pointer: str) -> None:
    with pytest.raises(CertificateError, match=r"^localhost: its issuers cannot be found: "):
        chain(lambda it: it.intermediate.der, leaf=pointer).complete()


@pytest.mark.parametrize("is_redirect", [False, True])
def test_a_public_server_never_leads_to_a_private_issuer(
    chain: Callable[..., Chain],
    publish: Callable[[], Service],
    monkeypatch: pytest.MonkeyPatch,
    is_redirect: bool,
) -> None:
    inside = publish()
    private = inside.url.replace("localhost", "127.0.0.1") + "/secret.cer"
    made = chain(lambda it: it.intermediate.der, **({} if is_redirect else {"leaf": private}))
    made.authority.always(lambda _: True, Reply(b"", 302, {"Location": private}))
    known = {"localhost": ["93.184.216.34"], "127.0.0.1": ["127.0.0.1"]}
    monkeypatch.setattr(addresses, "resolve", known.__getitem__)
    # The authority is on this machine as well; here it counts as public.
    monkeypatch.setattr(addresses, "_check_peer", lambda _: lambda *_: None)

    with pytest.raises(CertificateError) as failure:
        made.complete()
    assert failure.value.reason == (
        "its issuers cannot be found: the public server refers to 127.0.0.1, which is not a public "
        "address"
    )
    assert inside.requests == []
    assert not made.output.exists()


def test_an_issuer_whose_name_leads_inside_is_refused(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chain(lambda it: it.intermediate.der)
    monkeypatch.setattr(addresses, "resolve", lambda _: ["93.184.216.34"])

    with pytest.raises(CertificateError, match="refers to localhost, which is not a public"):
        made.complete()
    assert made.authority.requests == []


def test_an_issuer_that_takes_too_long_is_a_transient_failure(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "LONGEST_ANSWER", -1.0)

    with pytest.raises(TransientError, match=r"out of reach \(.*did not answer within -1 seconds"):
        chain(lambda it: it.intermediate.der).complete()


@pytest.mark.parametrize("form", ["der", "pem", "pkcs7"])
def test_an_issuer_is_read_in_each_form(chain: Callable[..., Chain], form: str) -> None:
    def published(it: Chain) -> bytes:
        other: bytes = getattr(issue("Other"), form)
        wanted: bytes = getattr(it.intermediate, form)
        return b"\n" + wanted + other if form == "pem" else wanted

    assert "the chain verifies" in chain(published).complete()


def test_a_body_that_is_no_certificate_is_refused(chain: Callable[..., Chain]) -> None:
    with pytest.raises(CertificateError, match=r"^localhost: its issuers cannot be found: "):
        chain(lambda _: b"not a certificate").complete()


def test_an_answer_that_is_too_large_is_refused(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "LARGEST_ANSWER", 2_000)

    with pytest.raises(CertificateError) as failure:
        chain(lambda it: it.intermediate.der + b"x" * 2_000).complete()

    assert failure.value.reason.endswith("/intermediate.cer answers more than 2,000 bytes")


def test_the_limits_are_generous() -> None:
    assert certificates.LARGEST_ANSWER == 1_000_000
    assert certificates.LONGEST_CHAIN == 8
    assert certificates.TIMEOUT == 20
    assert certificates.LONGEST_ANSWER == 60


def test_a_compressed_answer_that_is_too_large_is_refused(chain: Callable[..., Chain]) -> None:
    made = chain(lambda _: b"\0" * 10_000_000)

    with pytest.raises(CertificateError, match=r"answers more than 1,000,000 bytes"):
        made.complete()


def test_an_answer_of_just_the_largest_size_is_read(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chain(lambda it: it.intermediate.der)
    monkeypatch.setattr(certificates, "LARGEST_ANSWER", len(made.intermediate.der))

    assert "the chain verifies" in made.complete()


@pytest.mark.parametrize("pointer", ["", "ldap://x/y", "ftp://x/y.cer"])
def test_a_certificate_without_a_usable_pointer_is_refused(
    chain: Callable[..., Chain], pointer: str
) -> None:
    with pytest.raises(CertificateError) as failure:
        chain(lambda it: it.intermediate.der, leaf=pointer).complete()

    assert str(failure.value) == (
        "localhost: its issuers cannot be found: no pointer in the certificate of CN=localhost "
        "leads to its issuer."
    )


def test_a_chain_that_is_too_long_is_given_up(
    chain: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = chain(lambda it: it.intermediate.der)
    made.roots.write_bytes(issue("Another root").pem)

    monkeypatch.setattr(certificates, "LONGEST_CHAIN", 0)
    with pytest.raises(CertificateError, match="there are more than 0 issuers"):
        made.complete()
    monkeypatch.setattr(certificates, "LONGEST_CHAIN", 1)
    with pytest.raises(CertificateError, match="there are more than 1 issuers"):
        made.complete()
