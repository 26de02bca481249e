"""Future ownership: a role that owns what others create in a database or a schema.

A grant on a schema's future objects hides its database's, as for other privileges:
https://docs.snowflake.com/en/sql-reference/sql/grant-ownership
"""

from __future__ import annotations

from local.snowflake.grants import Grants

OWNERSHIP = "OWNERSHIP"


def owner_of(grants: Grants, kind: str, name: tuple[str, ...], creator: str) -> str:
    """The role that owns a new object: the one with future ownership of its kind, or the creator.

    Args:
        grants: The account's grants.
        kind: The kind of object, for example `TABLE`.
        name: Its full name, by parts.
        creator: The role that creates it.
    """
    places = [f"FUTURE {kind}S IN DATABASE {name[0]}"]
    if kind != "SCHEMA":
        places.insert(0, f"FUTURE {kind}S IN SCHEMA {'.'.join(name[:2])}")
    for place in places:
        for role, of in list(grants.privileges.items()):
            if OWNERSHIP in of.get(place, set()):
                return role
    return creator
