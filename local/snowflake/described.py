"""Owners and comments of roles, users, policies, integrations and stages, as SHOW lists them.

They last while the server runs, as roles do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fakesnow.expr import normalise_ident

from local.snowflake.sql import NAME, PART

_DEFINE = re.compile(
    r"\s*(?P<verb>CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?"
    r"(?:(?:STORAGE|NOTIFICATION|SECURITY|API|CATALOG)\s+)?"
    r"(?P<kind>ROLE|USER|NETWORK\s+POLICY|INTEGRATION|STAGE)\s+"
    rf"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?P<name>{NAME})(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_COMMENT = re.compile(r"\bCOMMENT\s*=\s*'((?:[^']|'')*)'", re.IGNORECASE)
_INTEGRATION = re.compile(rf"\bSTORAGE_INTEGRATION\s*=\s*({PART})", re.IGNORECASE)
Key = tuple[str, tuple[str, ...]]


@dataclass
class Description:
    """The columns of SHOW about an object, besides its name."""

    owner: str
    comment: str = ""
    integration: str = ""


class Descriptions(dict[Key, Description]):
    """The descriptions by the objects' kinds and full names."""

    def record(self, role: str, command: str, place: tuple[str, ...]) -> None:
        """Record what a statement that has run says of an object.

        Args:
            role: The role that has sent it.
            command: The statement.
            place: The current database and schema, for a stage's name.
        """
        if (found := _DEFINE.match(command)) is None:
            return
        kind, verb = " ".join(found["kind"].upper().split()), found["verb"].upper()
        name = parts(found["name"])
        key = (kind, (*place[: 3 - len(name)], *name) if kind == "STAGE" else name)
        if verb == "DROP":
            self.pop(key, None)
            return
        if verb == "CREATE" and key not in self:
            self[key] = Description(role)
        if (known := self.get(key)) is None:
            return
        if comment := _COMMENT.search(found["rest"]):
            known.comment = comment[1].replace("''", "'")
        if integration := _INTEGRATION.search(found["rest"]):
            known.integration = normalise_ident(integration[1])

    def rename(self, kind: str, old: tuple[str, ...], new: tuple[str, ...]) -> None:
        """Keep an object's description, or those of a schema's objects, under its new name."""
        for one, name in list(self):
            if name[: len(old)] == old and (kind in (one, "SCHEMA")):
                self[one, (*new, *name[len(old) :])] = self.pop((one, name))


def parts(name: str) -> tuple[str, ...]:
    """The parts of a name as a statement has it."""
    return tuple(normalise_ident(part) for part in re.findall(PART, name))
