"""`GRANT OWNERSHIP`: another role owns an object, or all tables or views of a schema.

https://docs.snowflake.com/en/sql-reference/sql/grant-ownership
"""

from __future__ import annotations

import re

from fakesnow.expr import normalise_ident
from snowflake.connector.errors import ProgrammingError

from local.snowflake.account import Session
from local.snowflake.described import parts
from local.snowflake.errors import compilation_error
from local.snowflake.sql import NAME, PART, SUCCESS

_GRANT = re.compile(
    rf"\s*GRANT\s+OWNERSHIP\s+ON\s+(?:ALL\s+(?P<plural>TABLES|VIEWS)\s+IN\s+SCHEMA|"
    rf"(?P<kind>DATABASE|SCHEMA|TABLE|VIEW|STAGE))\s+(?P<name>{NAME})\s+TO\s+(?:ROLE\s+)?"
    rf"(?P<role>{PART})(?:\s+(?P<current>COPY|REVOKE)\s+CURRENT\s+GRANTS)?\s*;?\s*$",
    re.IGNORECASE,
)


def run(session: Session, command: str) -> str | None:
    """Grant ownership; `None` for any other statement.

    Raises:
        ProgrammingError: The object or the role does not exist, or the object's grants would be
            lost without `COPY` or `REVOKE CURRENT GRANTS`.
    """
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
