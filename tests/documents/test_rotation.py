"""The commands of the rotation, as the page on secrets writes them: what they print is accepted."""

import base64
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from include.pipeline.secret_dates import VARIABLE, parse_secret_dates
from local.home import REPOSITORY
from local.provision import SERVICE_USERS
from tests.documents.pages import marked_blocks, run

PAGE = REPOSITORY / "docs" / "secrets.md"
DEPLOY = REPOSITORY / "docs" / "deploy.md"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The lines that the block for a new Snowflake key prints."""
    [block] = marked_blocks(PAGE)
    done = run(block, tmp_path_factory.mktemp("rotation"))
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def public(line: str) -> bytes:
    """A line for `terraform.tfvars`, decoded."""
    content = base64.b64decode(line, validate=True)
    load_der_public_key(content)
    return content


def test_a_new_key_is_printed_for_terraform_for_the_connection_and_as_its_fingerprint(
    printed: list[str],
) -> None:
    line, content, fingerprint = printed
    key = load_pem_private_key(base64.b64decode(content, validate=True), None)
    assert isinstance(key, RSAPrivateKey)
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert public(line) == der
    assert fingerprint == base64.b64encode(sha256(der).digest()).decode()


def test_terraforms_first_key_is_printed_in_one_line(tmp_path: Path) -> None:
    block, _ = marked_blocks(DEPLOY)
    done = run(block, tmp_path)
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    key = load_pem_private_key((tmp_path / "terraform.p8").read_bytes(), None)
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert public(line) == der


def test_the_first_keys_are_one_line_for_each_user(tmp_path: Path) -> None:
    _, block = marked_blocks(DEPLOY)
    done = run(block, tmp_path)
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(": ") for line in done.stdout.splitlines())
    assert {user.upper() for user in lines} == set(SERVICE_USERS)
    assert len({public(line) for line in lines.values()}) == len(lines)
    private = list((tmp_path / "keys" / "prd").iterdir())
    assert {file.name for file in private} == {f"{user}.p8" for user in lines}
    assert {file.stat().st_mode & 0o077 for file in private} == {0}


def test_the_dates_on_the_page_are_dates() -> None:
    text = PAGE.read_text()
    [example] = [line for line in text.splitlines() if line.startswith('{"azure_storage": "2')]
    assert set(parse_secret_dates(example)) >= {"azure_storage", "airflow_api"}
    assert f"`{VARIABLE}`" in text
    assert f"| `{VARIABLE}` |" in DEPLOY.read_text()
