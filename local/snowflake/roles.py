"""Roles, warehouses, grants and other account objects: accepted, not enforced.

No privilege is ever refused. The session's role and warehouse are stored, because `CURRENT_ROLE()`
and the like return them.
"""

from __future__ import annotations

import re

from fakesnow.expr import normalise_ident
from sqlglot import Expr, exp

from local.snowflake.account import Session
from local.snowflake.sql import SUCCESS

_OBJECTS = (
    "WAREHOUSE|ROLE|DATABASE\\s+ROLE|USER|NETWORK\\s+POLICY|NETWORK\\s+RULE|RESOURCE\\s+MONITOR|"
    "(?:STORAGE|NOTIFICATION|SECURITY|API)\\s+INTEGRATION"
)
_ACCEPTED = re.compile(
    rf"\s*(?:(?P<verb>CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?(?P<object>{_OBJECTS})\s+"
    r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?P<name>\"[^\"]+\"|\w+)|GRANT\s|REVOKE\s)",
    re.IGNORECASE,
)


def accept(session: Session, command: str) -> str | None:
    """Accept a statement about account objects; returns `None` for any other statement."""
    match = _ACCEPTED.match(command)
    if match is None:
        return None
    # Snowflake uses a warehouse as soon as it is created.
    if match["verb"] and (match["verb"] + match["object"]).upper() == "CREATEWAREHOUSE":
        session.identity.warehouse = normalise_ident(match["name"])
    return SUCCESS


def use(session: Session, expression: Expr) -> str | None:
    """`USE ROLE`, `USE WAREHOUSE`, `USE SECONDARY ROLES`; returns `None` for any other."""
    if not isinstance(expression, exp.Use):
        return None
    kind = expression.args.get("kind")
    name = str(kind.name if isinstance(kind, Expr) else kind or "").upper()
    if name in ("ROLE", "WAREHOUSE"):
        used = normalise_ident(expression.this.sql(dialect="snowflake"))
        setattr(session.identity, name.lower(), used)
        return SUCCESS
    return SUCCESS if name == "SECONDARY ROLES" else None


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
