"""Gives Fivetran's schemas and their tables to its own role; all other grants on them stay.

Fivetran adds columns and tables, which only an owner may do.
https://docs.snowflake.com/en/sql-reference/sql/grant-ownership
"""

from __future__ import annotations

from collections.abc import Iterator

from include.loaders.raw.identifiers import quoted
from tools.cutover.account import Account, CutoverError, Row
from tools.cutover.names import Names
from tools.cutover.steps import Plan, Step


def plan(account: Account, names: Names) -> Plan:
    """The transfers that are still to be done.

    Args:
        account: The account.
        names: This project's names.

    Raises:
        CutoverError: Terraform has not made Fivetran's role yet.
    """
    role, database = names.fivetran_role, names.databases["RAW"]
    if not any(one["name"] == role for one in account.named("ROLES", role)):
        raise CutoverError(
            f"The role {role} does not exist; apply Terraform first, as docs/cutover.md says."
        )
    steps: list[Step] = []
    remarks: list[str] = []
    found = {one["name"]: one for one in account.within("SCHEMAS", database)}
    for schema in names.synced_schemas:
        if schema not in found:
            remarks.append(f"{database}.{schema} does not exist: Fivetran makes it, as {role}.")
            continue
        if found[schema]["owner"] != role:
            steps.append(_give(role, "SCHEMA", found[schema], database, schema))
        for table in account.within("TABLES", database, schema):
            if table["owner"] != role:
                steps.append(_give(role, "TABLE", table, database, schema, table["name"]))
        remarks += _views(account, database, schema)
    return Plan(steps, remarks)


def _views(account: Account, database: str, schema: str) -> Iterator[str]:
    for view in account.within("VIEWS", database, schema):
        yield (
            f"{database}.{schema}.{view['name']} is a view of {view['owner']} and stays its own:"
            " Fivetran writes no views. If a connector is to fill this name, rename the view first."
        )


def _give(role: str, kind: str, before: Row, *name: str) -> Step:
    on = f"OWNERSHIP ON {kind} {quoted(*name)} TO ROLE"

    def check(account: Account) -> str:
        rows = account.within(f"{kind}S", *name[:-1])
        [after] = [one for one in rows if one["name"] == name[-1]]
        if after["owner"] != role:
            return f"it belongs to {after['owner']}"
        if after.get("rows") != before.get("rows"):
            return f"it has {after['rows']} rows and had {before['rows']}; is a sync running?"
        return ""

    return Step(
        f"{kind} {quoted(*name)}",
        f"GRANT {on} {quoted(role)} COPY CURRENT GRANTS",
        f"GRANT {on} {quoted(before['owner'])} COPY CURRENT GRANTS;",
        check,
    )
