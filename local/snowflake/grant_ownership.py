"""`GRANT OWNERSHIP`, `SHOW FUTURE GRANTS` and `SHOW GRANTS ON`.

https://docs.snowflake.com/en/sql-reference/sql/grant-ownership
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fakesnow.expr import normalise_ident
from snowflake.connector.errors import ProgrammingError

from local.snowflake.account import Session
from local.snowflake.described import parts
from local.snowflake.errors import compilation_error
from local.snowflake.show_rows import now, rows_query
from local.snowflake.sql import SUCCESS

FUTURE_COLUMNS = (
    "created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option",
)  # fmt: skip
COLUMNS = (
    "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option",
    "granted_by",
)  # fmt: skip
_PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_NAME = rf"{_PART}(?:\.{_PART})*"
_GRANT = re.compile(
    rf"\s*GRANT\s+OWNERSHIP\s+ON\s+(?:ALL\s+(?P<plural>TABLES|VIEWS)\s+IN\s+SCHEMA|"
    rf"(?P<kind>DATABASE|SCHEMA|TABLE|VIEW|STAGE))\s+(?P<name>{_NAME})\s+TO\s+(?:ROLE\s+)?"
    rf"(?P<role>{_PART})(?:\s+(?P<current>COPY|REVOKE)\s+CURRENT\s+GRANTS)?\s*;?\s*$",
    re.IGNORECASE,
)
_SHOW_FUTURE = re.compile(
    rf"\s*SHOW\s+FUTURE\s+GRANTS\s+IN\s+(?P<kind>DATABASE|SCHEMA)\s+(?P<name>{_NAME})\s*;?\s*$",
    re.IGNORECASE,
)
_SHOW_ON = re.compile(
    r"\s*SHOW\s+GRANTS\s+ON\s+(?P<kind>DATABASE|SCHEMA|TABLE|VIEW|STAGE|WAREHOUSE|ROLE|INTEGRATION)"
    rf"\s+(?P<name>{_NAME})\s*;?\s*$",
    re.IGNORECASE,
)
_FUTURE = re.compile(r"FUTURE (?P<plural>.+) IN (?P<place>DATABASE|SCHEMA) (?P<name>\S+)")


def run(session: Session, command: str) -> str | None:
    """Grant ownership, or show grants; `None` for any other statement.

    Raises:
        ProgrammingError: The object or the role does not exist, or the object's grants would be
            lost without `COPY` or `REVOKE CURRENT GRANTS`.
    """
    if found := _SHOW_FUTURE.match(command):
        name = ".".join(parts(found["name"]))
        rows = sorted(_future(session, found["kind"].upper(), name))
        return rows_query(FUTURE_COLUMNS, rows)
    if found := _SHOW_ON.match(command):
        rows = sorted(_on(session, found["kind"].upper(), parts(found["name"])))
        return rows_query(COLUMNS, rows)
    if found := _GRANT.match(command):
        _transfer(session, found)
        return SUCCESS
    return None


def _transfer(session: Session, found: re.Match[str]) -> None:
    owners, grants = session.account.owners, session.account.grants
    role, name = normalise_ident(found["role"]), parts(found["name"])
    if role not in grants.parents:
        raise compilation_error(f"Role '{role}' does not exist or not authorized.")
    kind = (found["kind"] or found["plural"][:-1]).upper()
    if found["plural"]:
        targets = [(kind, one) for one in owners.within(kind, name)]
    elif owners.find(kind, name) is None:
        written = f"{kind.capitalize()} '{'.'.join(name)}'"
        raise compilation_error(f"{written} does not exist or not authorized.")
    else:
        targets = [(kind, name)]
    for kind_, one in targets:
        on = f"{kind_} {'.'.join(one)}"
        others = [who for who, of in grants.privileges.items() if of.get(on)]
        if others and not found["current"]:
            raise ProgrammingError(
                msg="SQL execution error: Dependent grant of privilege 'USAGE' on securable"
                f" '{'.'.join(one)}' to role '{others[0]}' exists. It must be revoked first. More"
                " than one dependent grant may exist: use 'SHOW GRANTS' command to view them. To"
                " revoke all dependent grants while transferring object ownership, use convenience"
                " command 'GRANT OWNERSHIP ON <target_objects> TO <target_role> REVOKE CURRENT"
                " GRANTS'.",
                errno=3036,
                sqlstate="42501",
            )
        if (found["current"] or "").upper() == "REVOKE":
            for who in others:
                grants.privileges[who].pop(on)
        owners.transfer(kind_, one, role)


def _future(session: Session, place: str, name: str) -> Iterator[tuple[str, ...]]:
    at = now()
    for role, of in session.account.grants.privileges.items():
        for on, privileges in of.items():
            found = _FUTURE.fullmatch(on)
            if found and (found["place"], found["name"]) == (place, name):
                kind = found["plural"].removesuffix("S").replace(" ", "_")
                for privilege in privileges:
                    yield (at, privilege, kind, f"{name}.<{kind}>", "ROLE", role, "false")


def _on(session: Session, kind: str, name: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    at, written = now(), ".".join(name)
    if owned := session.account.owners.find(kind, name):
        yield (at, "OWNERSHIP", kind, written, "ROLE", owned.role, "true", owned.role)
    for role, of in session.account.grants.privileges.items():
        for privilege in of.get(f"{kind} {written}", ()):
            yield (at, privilege, kind, written, "ROLE", role, "false", "")
