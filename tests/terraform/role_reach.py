"""The privileges of each role in a plan: its own grants and those of the roles granted to it."""

from collections import defaultdict
from typing import Any

from tests.terraform.policies import DATABASE_ROLE, GRANT
from tests.terraform.running import Resource

READ = {"SELECT", "USAGE"}
READWRITE = READ | {"DELETE", "INSERT", "TRUNCATE", "UPDATE"}
CONTROL = READWRITE | {
    "CREATE FILE FORMAT",
    "CREATE SCHEMA",
    "CREATE STAGE",
    "CREATE TABLE",
    "CREATE VIEW",
}

# The schema of the log of loads, to which readers of RAW have access through a separate role.
LOAD_LOG = {"RAW.LOADING": READ}

# Every privilege that a role may have, by database, schema, warehouse or kind of object: exactly
# those that its tasks need.
ALLOWED: dict[str, dict[str, set[str]]] = {
    "LOADER": {"RAW": CONTROL, **LOAD_LOG, "LOADING_XS": {"USAGE"}},
    "TRANSFORMER": {
        "RAW": READ,
        **LOAD_LOG,
        "TRANSFORM": CONTROL,
        "ANALYTICS": CONTROL,
        "TRANSFORMING_XS": {"USAGE"},
        "STAGE": {"USAGE"},
        "FILE FORMAT": {"USAGE"},
    },
    "REPORTER": {
        "ANALYTICS": READ,
        "RAW": {"USAGE"},
        **LOAD_LOG,
        "SNOWFLAKE.GOVERNANCE_VIEWER": {"USAGE"},
        "REPORTING_XS": {"USAGE"},
        "STAGE": {"USAGE"},
        "FILE FORMAT": {"USAGE"},
    },
    "READER": {
        "RAW": READ,
        **LOAD_LOG,
        "TRANSFORM": READ,
        "ANALYTICS": READ,
        "REPORTING_XS": {"USAGE"},
    },
    "FIVETRAN": {"RAW": {"CREATE SCHEMA", "MONITOR", "USAGE"}, "LOADING_XS": {"USAGE"}},
}


def role_privileges(resources: list[Resource], role: str, suffix: str) -> dict[str, set[str]]:
    """Collect a functional role's privileges, by database, schema, warehouse or kind of object.

    Args:
        resources: The resources of a plan.
        role: The role's name without its suffix, for example `LOADER`.
        suffix: The end of the environment's names, for example `DDRC_DEV`.

    Raises:
        ValueError: A grant is on nothing.
    """
    roles = _roles_granted_to(resources, f"{role}_{suffix}")
    found: dict[str, set[str]] = defaultdict(set)
    for grant in resources:
        if grant.type == GRANT and grant.values["account_role_name"] in roles:
            found[_target(grant.values, suffix)] |= set(grant.values["privileges"])
        if grant.type == DATABASE_ROLE and grant.values["parent_role_name"] in roles:
            found[grant.values["database_role_name"].replace('"', "")] |= {"USAGE"}
    return dict(found)


def _roles_granted_to(resources: list[Resource], role: str) -> set[str]:
    """The role itself and, transitively, every role granted to it."""
    grants = [
        (resource.values["parent_role_name"], resource.values["role_name"])
        for resource in resources
        if resource.type == "snowflake_grant_account_role" and resource.values["parent_role_name"]
    ]
    roles: set[str] = set()
    added = {role}
    while added:
        roles |= added
        added = {child for parent, child in grants if parent in roles} - roles
    return roles


def _target(grant: dict[str, Any], suffix: str) -> str:
    """The target of a grant: its database, its schema, its object's name, or else the type."""
    return _target_name(grant).replace('"', "").replace(f"_{suffix}", "")


def _target_name(grant: dict[str, Any]) -> str:
    for block in ("on_account_object", "on_schema", "on_schema_object"):
        for on in grant[block]:
            places = (on.get("all") or []) + (on.get("future") or [])
            for key in ("all_schemas_in_database", "future_schemas_in_database"):
                if on.get(key):
                    return str(on[key])
            if places:
                return str(places[0]["in_schema"] or places[0]["in_database"])
            if on.get("schema_name"):
                return str(on["schema_name"])
            # An object that does not exist yet has no name in the plan.
            name = on.get("object_name") if block == "on_account_object" else None
            return str(name or on["object_type"])
    raise ValueError(f"a grant is on nothing: {grant}")
