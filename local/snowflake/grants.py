"""Roles, users and grants of the emulated account: Terraform's, from `grants.json`.

The file is written from Terraform's plan by `python -m tests.terraform.grants --write`. It names
objects as GRANT does: `FUTURE TABLES IN SCHEMA RAW_DDRC_<ENV>.LOADING`.
https://docs.snowflake.com/en/user-guide/security-access-control-overview
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("grants.json")
# The environment's place in the file's names.
ENVIRONMENT = "<ENV>"
ENVIRONMENTS = ("DEV", "PRD")
ACCOUNTADMIN, SECURITYADMIN, SYSADMIN = "ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN"
USERADMIN, PUBLIC = "USERADMIN", "PUBLIC"
# Prepares the laptop's account, as a person does for Terraform.
PROVISIONER = "PROVISIONER"
# Each system role and the roles that it is granted to.
# https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles
SYSTEM_ROLES = {
    ACCOUNTADMIN: [],
    SECURITYADMIN: [ACCOUNTADMIN],
    SYSADMIN: [ACCOUNTADMIN],
    USERADMIN: [SECURITYADMIN],
    PUBLIC: [],
}
# What the system roles may do in the account.
SYSTEM_GRANTS = {
    SYSADMIN: {"CREATE DATABASE", "CREATE WAREHOUSE"},
    SECURITYADMIN: {"MANAGE GRANTS", "CREATE NETWORK POLICY"},
    USERADMIN: {"CREATE ROLE", "CREATE USER"},
}
_PLURALS = {
    "TABLE": "TABLES", "VIEW": "VIEWS", "STAGE": "STAGES", "FILE FORMAT": "FILE FORMATS",
    "SEQUENCE": "SEQUENCES", "FUNCTION": "FUNCTIONS",
}  # fmt: skip


@dataclass
class User:
    """A user: the roles granted to it, and those of a session that names none."""

    roles: list[str]
    default_role: str
    default_warehouse: str = ""


@dataclass
class Grants:
    """Who may do what.

    Attributes:
        users: The users by name.
        parents: The roles that each role is granted to; every role is a key.
        privileges: The privileges of each role by object, named as GRANT names it.
    """

    users: dict[str, User] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    privileges: dict[str, dict[str, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    _inherited: dict[str, frozenset[str]] = field(default_factory=dict)

    def roles_of(self, role: str) -> frozenset[str]:
        """A role and all that it inherits; every role inherits PUBLIC."""
        if role not in self._inherited:
            found, added = {PUBLIC}, {role}
            while added:
                found |= added
                added = {one for one, of in self.parents.items() if found & {*of}} - found
            self._inherited[role] = frozenset(found)
        return self._inherited[role]

    def may_use_role(self, user: str, role: str) -> bool:
        """True if a user has a role, or a role that inherits it."""
        known = self.users.get(user)
        return known is not None and (
            role == PUBLIC or any(role in self.roles_of(own) for own in known.roles)
        )

    def on(self, role: str, *objects: str) -> set[str]:
        """The privileges that a role has or inherits on any of these objects."""
        found: set[str] = set()
        for one in self.roles_of(role):
            if of := self.privileges.get(one):
                for name in objects:
                    found |= of.get(name, set())
        return found

    def on_object(self, role: str, kind: str, name: tuple[str, ...]) -> set[str]:
        """The privileges of a role on an object within a database, by grants of every form.

        Grants on all objects count for schemas only, which Terraform makes before it grants them;
        an object within a schema is made later, and has the grants on future objects. Those of its
        schema hide its database's, for the same kind of object and for every role:
        https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#considerations

        Args:
            role: The role.
            kind: The kind of object, for example `TABLE`.
            name: Its full name, by parts.
        """
        own = f"{kind} {'.'.join(name)}"
        if kind == "DATABASE":
            return self.on(role, own)
        if kind == "SCHEMA":
            places = (f"{which} SCHEMAS IN DATABASE {name[0]}" for which in ("ALL", "FUTURE"))
            return self.on(role, own, *places)
        plural = _PLURALS.get(kind, f"{kind}S")
        in_schema = f"FUTURE {plural} IN SCHEMA {name[0]}.{name[1]}"
        in_database = f"FUTURE {plural} IN DATABASE {name[0]}"
        hidden = any(of.get(in_schema) for of in self.privileges.values())
        # A future grant of ownership has made an owner, see `future_owners`.
        return self.on(role, own, in_schema if hidden else in_database) - {"OWNERSHIP"}

    def add_role(self, role: str, *parents: str) -> None:
        """Make a role, and grant it to others."""
        known = self.parents.setdefault(role, [])
        known += [one for one in parents if one not in known]
        self._inherited.clear()

    def add(self, role: str, on: str, privileges: set[str]) -> None:
        """Grant privileges to a role."""
        self.privileges[role][on] |= privileges

    def rename_role(self, old: str, new: str) -> None:
        """A role keeps its privileges, its users and its place among the roles."""
        self.parents = {
            new if one == old else one: [new if of == old else of for of in parents]
            for one, parents in self.parents.items()
        }
        if old in self.privileges:
            self.privileges[new] = self.privileges.pop(old)
        for user in self.users.values():
            user.roles = [new if one == old else one for one in user.roles]
        self._inherited.clear()

    def rename_object(self, old: str, new: str) -> None:
        """The grants on an object, and on what a schema holds, are those of its new name."""
        for of in self.privileges.values():
            for on in list(of):
                kind, _, name = on.rpartition(" ")
                if name == old or name.startswith(f"{old}."):
                    of[f"{kind} {new}{name[len(old) :]}"] = of.pop(on)

    def remove(self, role: str, on: str, privileges: set[str]) -> None:
        """Revoke privileges from a role."""
        self.privileges[role][on] -= privileges


def read(file: Path = FILE) -> Grants:
    """The grants of both environments, and those of the system's roles."""
    grants = Grants()
    for role, parents in SYSTEM_ROLES.items():
        grants.add_role(role, *parents)
    for role, privileges in SYSTEM_GRANTS.items():
        grants.add(role, "ACCOUNT", privileges)
    grants.users[PROVISIONER] = User([ACCOUNTADMIN], ACCOUNTADMIN)
    for found in _by_environment(file.read_text()):
        for role in {*found["roles"], *found["grants"]}:
            grants.add_role(role, *found["roles"].get(role, []))
        for role, of in found["grants"].items():
            for on, privileges in of.items():
                grants.add(role, on, set(privileges.split(", ")))
        for name, user in found["users"].items():
            grants.users[name] = User(**user)
    return grants


def _by_environment(text: str) -> Iterator[dict[str, Any]]:
    for environment in ENVIRONMENTS:
        yield json.loads(text.replace(ENVIRONMENT, environment))
