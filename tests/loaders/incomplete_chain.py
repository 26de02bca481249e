"""A server that sends only its own certificate, and its issuers' certificates."""

from contextlib import ExitStack
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256

from include.loaders.certificates import complete_chain
from tests.loaders.certificate_authority import Identity, issue, server_context
from tests.loaders.service import Reply, Service, serving


class Chain:
    """A root, an intermediate and a server that sends only its own certificate."""

    def __init__(self, folder: Path, authority: Service, stack: ExitStack, **pointers: str) -> None:
        self.root = issue("Root")
        self.authority = authority
        self.intermediate = issue("Intermediate", self.root, pointer=f"{authority.url}/root.cer")
        usual = f"{authority.url}/intermediate.cer"
        self.leaf = issue(
            "localhost",
            self.intermediate,
            pointer=pointers.get("leaf", usual),
            ocsp=f"{authority.url}/ocsp",
        )
        self.roots = folder / "roots.pem"
        self.roots.write_bytes(self.root.pem)
        self.output = folder / "bundle.pem"
        context = server_context(folder, self.leaf)
        server = stack.enter_context(serving(lambda _: Reply(b"[]"), context))
        self.port = int(server.url.rpartition(":")[2])

    def complete(self) -> str:
        return complete_chain("localhost", self.port, self.output, self.roots)


def described(identity: Identity) -> str:
    """The four lines on a certificate; its days are those of a year and an hour."""
    certificate = identity.certificate
    return (
        f"  subject:     {certificate.subject.rfc4514_string()}\n"
        f"  issuer:      {certificate.issuer.rfc4514_string()}\n"
        f"  fingerprint: {certificate.fingerprint(SHA256()).hex(':').upper()}\n"
        f"  expires:     {certificate.not_valid_after_utc:%Y-%m-%d} (in 365 days)"
    )
