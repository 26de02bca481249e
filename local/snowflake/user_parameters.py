"""Session parameters and keys that a user has: `ALTER USER … SET`, and `SHOW PARAMETERS`.

A session begins with its user's parameters, those of the login, and Snowflake's defaults, in this
order: https://docs.snowflake.com/en/user-guide/admin-account-management#viewing-parameters
"""

from __future__ import annotations

import json
import re

from fakesnow.expr import normalise_ident

from local.snowflake import user_keys
from local.snowflake.account import Session
from local.snowflake.parameters import DEFAULTS
from local.snowflake.show_rows import is_like, rows_query
from local.snowflake.sql import escaped

# https://docs.snowflake.com/en/sql-reference/sql/show-parameters
COLUMNS = ("key", "value", "default", "level", "description", "type")
_ALTER = re.compile(
    r"\s*ALTER\s+USER\s+(?:IF\s+EXISTS\s+)?(?P<name>\"[^\"]+\"|\w+)\s+(?P<verb>SET|UNSET)\s+"
    r"(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SHOW = re.compile(
    r"\s*SHOW\s+PARAMETERS(?:\s+LIKE\s+'(?P<like>[^']*)')?(?:\s+(?:IN|FOR)\s+SESSION)?\s*;?\s*$",
    re.IGNORECASE,
)
# https://docs.snowflake.com/en/sql-reference/functions/current_secondary_roles
_SECONDARY = re.compile(r"\s*SELECT\s+CURRENT_SECONDARY_ROLES\(\s*\)\s*;?\s*$", re.IGNORECASE)
_SECONDARY_ROLES = "DEFAULT_SECONDARY_ROLES"
_ASSIGNMENT = re.compile(r"(\w+)\s*=\s*('(?:[^']|'')*'|\([^)]*\)|[\w.+-]+)")


def alter_or_show(session: Session, command: str) -> str | None:
    """Change a user's parameters and keys, or show the session's parameters.

    Returns:
        The query with the answer; `None` for any other statement, and for `ALTER USER`, whose
        answer and whose other properties are left to `roles.accept`.
    """
    if found := _SHOW.match(command):
        return _show(session, found["like"] or "%")
    if _SECONDARY.match(command):
        return _secondary_roles(session)
    if (found := _ALTER.match(command)) is None:
        return None
    name = normalise_ident(found["name"])
    own = session.account.user_parameters.setdefault(name, {})
    keys = session.account.user_keys.setdefault(name, {})
    if found["verb"].upper() == "UNSET":
        for parameter in re.findall(r"\w+", found["rest"].upper()):
            own.pop(parameter, None)
            keys.pop(parameter, None)
        return None
    for parameter, value in _ASSIGNMENT.findall(found["rest"]):
        if parameter.upper() in (*DEFAULTS, _SECONDARY_ROLES):
            own[parameter.upper()] = value.strip("'")
        elif parameter.upper() in user_keys.PROPERTIES:
            keys[parameter.upper()] = value.strip("'")
    return None


def _show(session: Session, like: str) -> str:
    own = session.account.user_parameters.get(session.identity.user, {})
    rows = [
        (
            name,
            _text(value),
            _text(DEFAULTS.get(name, "")),
            "USER" if name in own and _text(value) == own[name].lower() else "",
            "",
            "BOOLEAN" if isinstance(value, bool) else "STRING",
        )
        for name, value in sorted(session.parameters.items().items())
        if is_like(name, like)
    ]
    return rows_query(COLUMNS, rows)


def _secondary_roles(session: Session) -> str:
    """The roles besides the session's own; the emulator grants nothing by them."""
    identity = session.identity
    own = session.account.user_parameters.get(identity.user, {})
    if "ALL" not in own.get(_SECONDARY_ROLES, "").upper():
        answer = {"roles": "", "value": ""}
    else:
        others = session.account.grants.users[identity.user].roles
        listed = ",".join(one for one in others if one != identity.role)
        answer = {"roles": listed, "value": "ALL"}
    text = escaped(json.dumps(answer, separators=(",", ":")))
    return f"SELECT '{text}' AS \"CURRENT_SECONDARY_ROLES()\""


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
