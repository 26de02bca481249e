"""Renames what the earlier project has under names that this project needs, to `…_LEGACY`.

A rename deletes nothing: a schema keeps its tables, a role its grants and its users.
https://docs.snowflake.com/en/sql-reference/sql/alter-schema
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from include.loaders.raw.identifiers import quoted
from tools.cutover.account import Account, CutoverError, Row
from tools.cutover.names import LEGACY, Names, is_terraforms
from tools.cutover.steps import Plan, Step

KINDS = ("schemas", "stages", "roles", "users", "warehouses")
# The column of every raw table that the loaders have made.
OWN_COLUMN = "_LOAD_ID"
# A table's size is compared before and after; a view has none.
Sizes = dict[str, int | None]


def plan(account: Account, names: Names, kinds: Sequence[str] = KINDS) -> Plan:
    """The renames that are still to be done.

    Args:
        account: The account.
        names: This project's names.
        kinds: Some of `KINDS`.

    Raises:
        CutoverError: A new name is taken, or a schema holds tables of both projects.
    """
    steps: list[Step] = []
    remarks: list[str] = []
    roles = _foreign(account, "ROLES", names.roles, names)
    databases = {one["name"] for one in account.named("DATABASES", names.suffix)}
    if "schemas" in kinds:
        if names.databases["RAW"] in databases:
            steps += _raw_schemas(account, names, remarks)
        for kind in ("TRANSFORM", "ANALYTICS"):
            if names.databases[kind] in databases:
                steps += _dbt_schemas(account, names, kind, set(roles))
    if "stages" in kinds and names.databases["ANALYTICS"] in databases:
        steps += _stages(account, names)
    if "roles" in kinds:
        steps += _account_objects(account, "ROLE", roles)
        remarks += _defaults(account, names, roles, "role")
    if "users" in kinds:
        found = _foreign(account, "USERS", names.users, names)
        steps += _account_objects(account, "USER", found)
    if "warehouses" in kinds:
        found = _foreign(account, "WAREHOUSES", list(names.warehouses.values()), names)
        steps += _account_objects(account, "WAREHOUSE", found)
        remarks += _defaults(account, names, found, "warehouse")
    remarks += [
        f"{one['name']} is an integration that Terraform has not made, and Snowflake renames none:"
        " take its stages off it, note its settings and drop it by hand before the first apply."
        for one in account.named("INTEGRATIONS", names.integration)
        if one["name"] == names.integration and not is_terraforms(one["comment"])
    ]
    return Plan(steps, remarks)


def _raw_schemas(account: Account, names: Names, remarks: list[str]) -> Iterator[Step]:
    database = names.databases["RAW"]
    existing = {one["name"] for one in account.within("SCHEMAS", database)}
    own = account.tables_with(OWN_COLUMN, database)
    sizes: dict[str, Sizes] = {}
    for one in account.relations(database):
        sizes.setdefault(one["schema_name"], {})[one["name"]] = one.get("rows")
    for schema in names.loaded_schemas:
        held = sizes.get(schema, {})
        foreign = sorted(name for name in held if (schema, name) not in own)
        if not foreign:
            continue
        if len(foreign) < len(held):
            raise CutoverError(
                f"{database}.{schema} holds tables of both projects: {', '.join(foreign)} without"
                f" {OWN_COLUMN}, and others with it. Move the former by hand: docs/cutover.md."
            )
        _check_free(schema, existing, f"{database}.{schema}")
        yield _schema(database, schema, held)
    for schema in names.synced_schemas:
        if schema in existing:
            remarks.append(f"{database}.{schema} is Fivetran's and keeps its name.")


def _dbt_schemas(account: Account, names: Names, kind: str, renamed: set[str]) -> Iterator[Step]:
    """dbt's schemas belong to the role that made them: TRANSFORMER makes this project's."""
    database, own = names.databases[kind], f"TRANSFORMER_{names.suffix}"
    found = {one["name"]: one for one in account.within("SCHEMAS", database)}
    foreign = [
        name
        for name in names.dbt_schemas(kind)
        if name in found and (found[name]["owner"] != own or own in renamed)
    ]
    for name in foreign:
        _check_free(name, set(found), f"{database}.{name}")
        held = {one["name"]: one.get("rows") for one in account.relations(database, name)}
        yield _schema(database, name, held)


def _schema(database: str, schema: str, sizes: Sizes) -> Step:
    old, new = quoted(database, schema), quoted(database, f"{schema}{LEGACY}")

    def check(account: Account) -> str:
        after = {
            one["name"]: one.get("rows") for one in account.relations(database, f"{schema}{LEGACY}")
        }
        if after == sizes:
            return ""
        return f"{new} holds {_written(after)} and {old} held {_written(sizes)}"

    return _step("SCHEMA", old, new, check)


def _step(kind: str, old: str, new: str, check: Callable[[Account], str]) -> Step:
    return Step(
        f"{kind} {old}",
        f"ALTER {kind} {old} RENAME TO {new}",
        f"ALTER {kind} {new} RENAME TO {old};",
        check,
    )


def _written(sizes: Sizes) -> str:
    return ", ".join(f"{name} ({rows} rows)" for name, rows in sorted(sizes.items())) or "nothing"


def _stages(account: Account, names: Names) -> Iterator[Step]:
    """An adopted stage would lead the earlier project's unloads into this project's container."""
    database = names.databases["ANALYTICS"]
    found = {one["name"]: one for one in account.within("STAGES", database, "PUBLIC")}
    for name in ("AZURE_STAGE_DDRC", "RELEASED_DDRC"):
        if name not in found or is_terraforms(found[name]["comment"]):
            continue
        _check_free(name, set(found), f"{database}.PUBLIC.{name}")
        old, new = (quoted(database, "PUBLIC", one) for one in (name, f"{name}{LEGACY}"))

        def check(account: Account, wanted: str = f"{name}{LEGACY}") -> str:
            after = {one["name"] for one in account.within("STAGES", database, "PUBLIC")}
            return "" if wanted in after else f"there is no stage {wanted}"

        yield _step("STAGE", old, new, check)


def _foreign(account: Account, kind: str, wanted: Sequence[str], names: Names) -> dict[str, bool]:
    """The objects of this project's names that Terraform has not made: whether the new is taken."""
    found = {one["name"]: one for one in account.named(kind, names.suffix)}
    return {
        name: f"{name}{LEGACY}" in found
        for name in wanted
        if name in found and not is_terraforms(found[name]["comment"])
    }


def _account_objects(account: Account, kind: str, found: dict[str, bool]) -> Iterator[Step]:
    for name, taken in found.items():
        _check_free(name, {f"{name}{LEGACY}"} if taken else set(), f"the {kind.lower()} {name}")
        old, new = quoted(name), quoted(f"{name}{LEGACY}")

        def check(account: Account, name: str = name) -> str:
            after = {one["name"] for one in account.named(f"{kind}S", name)}
            return "" if f"{name}{LEGACY}" in after - {name} and name not in after else (
                f"the {kind.lower()} {name} is still there"
            )  # fmt: skip

        yield _step(kind, old, new, check)


def _defaults(account: Account, names: Names, renamed: dict[str, bool], what: str) -> Iterator[str]:
    """Users whose sessions would begin with a name that is another's from now on."""
    if not renamed:
        return
    users: list[Row] = account.send("SHOW USERS")
    for one in users:
        default = str(one.get(f"default_{what}") or "").strip('"')
        if default in renamed and one["name"] not in names.users:
            yield (
                f"The user {one['name']} has the default {what} {default}, which becomes"
                f" {default}{LEGACY}: alter user {quoted(one['name'])} set default_{what} ="
                f" {default}{LEGACY}"
            )


def _check_free(name: str, existing: set[str], what: str) -> None:
    if f"{name}{LEGACY}" in existing:
        raise CutoverError(
            f"{what} cannot be renamed, because {name}{LEGACY} exists already; nothing was done."
            " Look which of the two is which, and rename one of them by hand."
        )
