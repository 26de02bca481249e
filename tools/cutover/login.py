"""The login of an administrator, from the environment variables that Terraform's provider reads.

https://github.com/snowflakedb/terraform-provider-snowflake/blob/main/docs/index.md#schema
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from tools.cutover.account import Account, CutoverError, Row

if TYPE_CHECKING:
    # The import takes a second, which the command line's help does not need.
    from snowflake.connector import SnowflakeConnection

ORGANIZATION, ACCOUNT = "SNOWFLAKE_ORGANIZATION_NAME", "SNOWFLAKE_ACCOUNT_NAME"
USER, KEY, ROLE = "SNOWFLAKE_USER", "SNOWFLAKE_PRIVATE_KEY", "SNOWFLAKE_ROLE"
AUTHENTICATOR = "SNOWFLAKE_AUTHENTICATOR"
# Only for the laptop's Snowflake.
HOST, PORT = "SNOWFLAKE_HOST", "SNOWFLAKE_PORT"
# It sees and may change what the system roles own, as Terraform's user does.
ADMINISTRATOR = "ACCOUNTADMIN"

Connect = Callable[[Mapping[str, str]], AbstractContextManager[Account]]


@contextmanager
def log_in(environment: Mapping[str, str]) -> Iterator[Account]:
    """A session of the administrator; no statement in it needs a warehouse.

    Raises:
        CutoverError: A variable is missing, or Snowflake refuses the login.
    """
    from snowflake.connector import connect
    from snowflake.connector.errors import Error

    missing = [name for name in (ORGANIZATION, ACCOUNT, USER) if not environment.get(name)]
    options: dict[str, object] = {}
    if AUTHENTICATOR in environment:
        options["authenticator"] = environment[AUTHENTICATOR]
    elif key := environment.get(KEY):
        options |= {"authenticator": "SNOWFLAKE_JWT", "private_key": _key(key)}
    else:
        missing.append(f"{KEY} (or {AUTHENTICATOR}=externalbrowser)")
    if missing:
        raise CutoverError(f"Set {', '.join(missing)}, as docs/cutover.md says under Preparation.")
    if HOST in environment:
        options |= {"host": environment[HOST], "port": int(environment.get(PORT, "443"))}
    try:
        connection = connect(
            account=f"{environment[ORGANIZATION]}-{environment[ACCOUNT]}",
            user=environment[USER],
            role=environment.get(ROLE, ADMINISTRATOR),
            session_parameters={"QUERY_TAG": '{"app": "ddrc", "task": "cutover"}'},
            **options,
        )
    except Error as error:
        text = " ".join(str(error.msg).split())[:300]
        raise CutoverError(f"Snowflake refuses the login of {environment[USER]}: {text}") from error
    with connection:
        yield Account(lambda statement: _rows(connection, statement))


def _rows(connection: SnowflakeConnection, statement: str) -> list[Row]:
    from snowflake.connector import DictCursor
    from snowflake.connector.errors import Error

    try:
        rows: list[Row] = connection.cursor(DictCursor).execute(statement).fetchall()
    except Error as error:
        raise refused(statement, error) from error
    return rows


def refused(statement: str, error: Exception) -> CutoverError:
    """The error of a statement that Snowflake refuses, in one sentence."""
    text = " ".join(str(getattr(error, "raw_msg", None) or error).split())[:300]
    return CutoverError(f"Snowflake refuses `{statement}`: {text}")


def _key(pem: str) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError) as error:
        raise CutoverError(f"{KEY} is not an unencrypted private key in PEM.") from error
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
