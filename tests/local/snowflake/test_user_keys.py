"""Logins of a user with public keys, and a rotation as `docs/secrets.md` has it."""

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from snowflake.connector import DatabaseError
from snowflake.connector.cursor import SnowflakeCursor

from local.home import REPOSITORY
from tests.documents.pages import marked_blocks, run
from tests.local.snowflake.client import Emulator

PAGE = REPOSITORY / "docs" / "secrets.md"
# No test with an emulated account logs in as this user meanwhile.
USER = "DASHBOARD_DDRC_DEV"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Two pairs, which the page's commands have made."""
    return [new_pair(tmp_path_factory.mktemp("pair")) for _ in range(2)]


@pytest.fixture
def user(administrator: SnowflakeCursor) -> Iterator[str]:
    yield USER
    administrator.execute(f"ALTER USER {USER} UNSET RSA_PUBLIC_KEY, RSA_PUBLIC_KEY_2")


def new_pair(folder: Path) -> tuple[str, str]:
    """Make a pair with the page's commands: the public line, and the private key as PEM."""
    [block] = marked_blocks(PAGE)
    done = run(block, folder)
    assert done.returncode == 0, done.stderr
    line, content, _ = done.stdout.splitlines()
    return line, b64decode(content).decode()


def statements_of_the_page() -> list[str]:
    """The rotation of the key that opens everything, as the page has it, for `USER`."""
    block = re.search(
        r"```sql\n(\s+alter user terraform set rsa_public_key_2.+?)```", PAGE.read_text(), re.S
    )
    assert block
    text = re.sub(r"--.*", "", block[1]).replace("user terraform", f"user {USER}")
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def test_a_rotation_as_written_accepts_both_keys_and_then_the_new_one_only(
    emulator: Emulator, administrator: SnowflakeCursor, user: str, pairs: list[tuple[str, str]]
) -> None:
    (old_line, old_key), (new_line, new_key) = pairs

    def accepted() -> tuple[bool, bool]:
        return (may_log_in(emulator, user, old_key), may_log_in(emulator, user, new_key))

    administrator.execute(f"alter user {user} set rsa_public_key = '{old_line}'")
    assert accepted() == (True, False)

    add, move, remove = statements_of_the_page()
    administrator.execute(add.replace("<the new line>", new_line))
    assert accepted() == (True, True)

    administrator.execute(move.replace("<the new line>", new_line))
    administrator.execute(remove)
    assert accepted() == (False, True)


def test_the_laptops_own_key_is_refused_once_a_user_has_another(
    emulator: Emulator, administrator: SnowflakeCursor, user: str, pairs: list[tuple[str, str]]
) -> None:
    assert may_log_in(emulator, user, emulator.private_key)

    administrator.execute(f"ALTER USER {user} SET RSA_PUBLIC_KEY_2 = '{pairs[0][0]}'")

    assert not may_log_in(emulator, user, emulator.private_key)


def may_log_in(emulator: Emulator, user: str, private_key: str) -> bool:
    """True if the user may log in with the key; any other failure is an error."""
    try:
        replace(emulator, private_key=private_key).connect(user=user, role=user).close()
    except DatabaseError as error:
        if "JWT token is invalid" not in str(error):
            raise
        return False
    return True
