"""Revokes the earlier project's grants on future objects, which decide whose a new table is.

A future grant of ownership takes each new table from the role that creates it. Revoking a future
grant changes no existing object: what was granted on it stays.
https://docs.snowflake.com/en/sql-reference/sql/revoke-privilege
"""

from __future__ import annotations

from collections.abc import Iterator

from include.loaders.raw.identifiers import quoted
from tools.cutover.account import Account, Row
from tools.cutover.names import Names
from tools.cutover.steps import Plan, Step

OWNERSHIP = "OWNERSHIP"
Place = tuple[str, ...]


def plan(account: Account, names: Names, *, every: bool = False) -> Plan:
    """The grants that are still to be revoked.

    Args:
        account: The account.
        names: This project's names.
        every: Also those of other privileges than ownership that are not in Terraform's plan.
    """
    planned = names.future_grants()
    steps: list[Step] = []
    remarks: list[str] = []
    kept = 0
    for place in places(account, names):
        for grant in account.future_grants(*place):
            on = f"FUTURE {plural(grant)} IN {_written(place)}"
            if (grant["grantee_name"], on, grant["privilege"]) in planned:
                continue
            if grant["grant_to"] != "ROLE":
                remarks.append(f"{grant['privilege']} ON {on} belongs to a {grant['grant_to']}.")
            elif every or grant["privilege"] == OWNERSHIP:
                steps.append(_revoke(place, grant))
            else:
                kept += 1
    if kept:
        remarks.append(
            f"{kept} other future grants of the earlier project stay; --all revokes them, once it"
            " no longer runs."
        )
    return Plan(steps, remarks)


def places(account: Account, names: Names) -> Iterator[Place]:
    """The databases of this project's names and their schemas."""
    existing = {one["name"] for one in account.named("DATABASES", names.suffix)}
    for database in names.databases.values():
        if database in existing:
            yield (database,)
            for schema in account.within("SCHEMAS", database):
                yield database, schema["name"]


def plural(grant: Row) -> str:
    """The kind of objects that a future grant is on, as GRANT names it: `FILE FORMATS`."""
    kind = str(grant["grant_on"]).replace("_", " ")
    return f"{kind[:-1]}IES" if kind.endswith("Y") else f"{kind}S"


def _revoke(place: Place, grant: Row) -> Step:
    where = "DATABASE" if len(place) == 1 else "SCHEMA"
    on = f"{grant['privilege']} ON FUTURE {plural(grant)} IN {where} {quoted(*place)}"
    role = quoted(grant["grantee_name"])

    def check(account: Account) -> str:
        same = ("privilege", "grant_on", "grantee_name")
        left = [
            one for one in account.future_grants(*place) if all(one[x] == grant[x] for x in same)
        ]
        return "the grant is still there" if left else ""

    what = f"{where} {quoted(*place)}"
    return Step(what, f"REVOKE {on} FROM ROLE {role}", f"GRANT {on} TO ROLE {role};", check)


def _written(place: Place) -> str:
    return f"{'DATABASE' if len(place) == 1 else 'SCHEMA'} {'.'.join(place)}"
