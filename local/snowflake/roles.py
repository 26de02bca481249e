"""Statements about roles, users, grants and integrations, and a session's own role.

Roles and simple grants are honoured while the server runs; users, integrations and policies are
accepted without an effect. `privileges` decides who may send them.
"""

from __future__ import annotations

import re

from fakesnow.expr import normalise_ident
from snowflake.connector.errors import ProgrammingError
from sqlglot import Expr, exp

from local.snowflake.account import Session
from local.snowflake.errors import compilation_error
from local.snowflake.sql import SUCCESS

_OBJECTS = (
    "WAREHOUSE|ROLE|DATABASE\\s+ROLE|USER|NETWORK\\s+POLICY|NETWORK\\s+RULE|RESOURCE\\s+MONITOR|"
    "(?:STORAGE|NOTIFICATION|SECURITY|API)\\s+INTEGRATION"
)
_ACCEPTED = re.compile(
    rf"\s*(?P<verb>CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?P<object>{_OBJECTS})\s+"
    r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?P<name>\"[^\"]+\"|\w+)",
    re.IGNORECASE,
)
_OF_GRANTS = re.compile(r"\s*(?:GRANT|REVOKE)\s", re.IGNORECASE)
_GRANT_ROLE = re.compile(
    r"\s*GRANT\s+ROLE\s+(?P<role>\w+)\s+TO\s+(?P<kind>ROLE|USER)\s+(?P<to>\w+)", re.IGNORECASE
)
_GRANT = re.compile(
    r"\s*(?P<verb>GRANT|REVOKE)\s+(?P<privileges>[\w\s,]+?)\s+ON\s+(?P<on>[\w\s.$\"]+?)\s+"
    r"(?:TO|FROM)\s+(?:ROLE\s+)?(?P<role>\"[^\"]+\"|\w+)\s*;?\s*$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'("[^"]+")')


def accept(session: Session, command: str) -> str | None:
    """Run a statement about roles, grants or other account objects; `None` for any other."""
    grants = session.account.grants
    if found := _ACCEPTED.match(command):
        if found["verb"].upper() == "CREATE" and found["object"].upper() == "ROLE":
            grants.add_role(normalise_ident(found["name"]))
        return SUCCESS
    if found := _GRANT_ROLE.match(command):
        role, to = found["role"].upper(), found["to"].upper()
        if found["kind"].upper() == "ROLE":
            grants.add_role(role, to)
        elif user := grants.users.get(to):
            user.roles.append(role)
        return SUCCESS
    if found := _GRANT.match(command):
        privileges = {" ".join(one.split()).upper() for one in found["privileges"].split(",")}
        change = grants.add if found["verb"].upper() == "GRANT" else grants.remove
        on = "".join(
            part.strip('"') if part.startswith('"') else part.upper()
            for part in _QUOTED.split(" ".join(found["on"].split()))
        )
        change(normalise_ident(found["role"]), on, privileges)
        return SUCCESS
    return SUCCESS if _OF_GRANTS.match(command) else None


def use(session: Session, expression: Expr) -> str | None:
    """`USE ROLE`, `USE SECONDARY ROLES`; returns `None` for any other.

    Raises:
        ProgrammingError: The role does not exist, or is not granted to the user.
    """
    if not isinstance(expression, exp.Use):
        return None
    kind = expression.args.get("kind")
    name = str(kind.name if isinstance(kind, Expr) else kind or "").upper()
    if name != "ROLE":
        return SUCCESS if name == "SECONDARY ROLES" else None
    role = normalise_ident(expression.this.sql(dialect="snowflake"))
    grants = session.account.grants
    if role not in grants.parents:
        raise compilation_error("Object does not exist, or operation cannot be performed.", 2043)
    if not grants.may_use_role(session.identity.user, role):
        raise ProgrammingError(
            msg=f"SQL access control error:\nRequested role '{role}' is not assigned to the"
            " executing user. Specify another role to activate.",
            errno=3013,
            sqlstate="42501",
        )
    session.identity.role = role
    return SUCCESS


def replace_context_functions(session: Session, expression: Expr) -> Expr:
    """Replace `CURRENT_USER()` and the like by their values; the statement is changed in place."""
    identity = session.identity
    values: dict[type[Expr], tuple[str, str]] = {
        exp.CurrentRole: ("CURRENT_ROLE()", identity.role),
        exp.CurrentWarehouse: ("CURRENT_WAREHOUSE()", identity.warehouse),
        exp.CurrentUser: ("CURRENT_USER()", identity.user),
        exp.CurrentAccount: ("CURRENT_ACCOUNT()", identity.account),
        exp.CurrentSession: ("CURRENT_SESSION()", str(session.number)),
    }

    def replace(node: Expr) -> Expr:
        if type(node) not in values:
            return node
        label, value = values[type(node)]
        answer = exp.Literal.string(value) if value else exp.Null()
        if isinstance(node.parent, exp.Select):
            return exp.alias_(answer, label, quoted=True)
        return answer

    return expression.transform(replace, copy=False)
