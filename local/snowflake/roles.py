"""Roles, warehouses, grants and other account objects: accepted, and remembered where it shows.

The emulator has one owner and nothing to guard, so no privilege is ever refused. What a session
uses is remembered, because `CURRENT_ROLE()` and its like answer with it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from local.snowflake.duckdb_macros import rewritten

if TYPE_CHECKING:
    from local.snowflake.account import Session
    from local.snowflake.identity import Identity

SUCCESS = "SELECT 'Statement executed successfully.' AS \"status\""
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
    """Answer a statement about account objects; null if it is not one."""
    match = _ACCEPTED.match(command)
    if match is None:
        return None
    # Snowflake puts a warehouse to use when it is created.
    if match["verb"] and (match["verb"] + match["object"]).upper() == "CREATEWAREHOUSE":
        session.identity.warehouse = _normal(match["name"])
    return SUCCESS


def use(session: Session, expression: Expr) -> str | None:
    """`USE ROLE`, `USE WAREHOUSE` and `USE SECONDARY ROLES`; null for the other kinds of USE."""
    if not isinstance(expression, exp.Use):
        return None
    kind = expression.args.get("kind")
    name = str(kind.name if isinstance(kind, Expr) else kind or "").upper()
    if name in ("ROLE", "WAREHOUSE"):
        setattr(session.identity, name.lower(), _normal(expression.this.sql(dialect="snowflake")))
        return SUCCESS
    return SUCCESS if name == "SECONDARY ROLES" else None


def answers(expression: Expr, identity: Identity, session: int) -> Expr:
    """The statement with `CURRENT_USER()` and its like replaced by what they are."""
    known: dict[type[Expr], tuple[str, str]] = {
        exp.CurrentRole: ("CURRENT_ROLE()", identity.role),
        exp.CurrentWarehouse: ("CURRENT_WAREHOUSE()", identity.warehouse),
        exp.CurrentUser: ("CURRENT_USER()", identity.user),
        exp.CurrentAccount: ("CURRENT_ACCOUNT()", identity.account),
        exp.CurrentSession: ("CURRENT_SESSION()", str(session)),
    }

    def replace(node: Expr) -> Expr:
        if type(node) not in known:
            return node
        label, value = known[type(node)]
        answer = exp.Literal.string(value) if value else exp.Null()
        if isinstance(node.parent, exp.Select):
            return exp.alias_(answer, label, quoted=True)
        return answer

    return rewritten(expression, replace)


def _normal(name: str) -> str:
    return name[1:-1] if name.startswith('"') else name.upper()
