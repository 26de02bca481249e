"""The privileges of each role in a plan: its own grants and those of the roles granted to it."""

from collections import defaultdict
from typing import Any

from tests.terraform.running import GRANT, ROLE_GRANT, Resource

READ = {"SELECT", "USAGE"}
# The loaders' schemas in RAW; Fivetran's schemas are closed to the roles that have only these.
LOADED = (
    "RAW.EPA_AGOL_ASSESSMENT",
    "RAW.MALIBU_REBUILDS",
    "RAW.PASADENA_AGOL",
    "RAW.USACE_AGOL_DEBRIS",
)
LOG = "RAW.LOADING"
MONITOR = "RESOURCE MONITOR"
PUBLIC = "ANALYTICS.PUBLIC"
# The load's lock is an UPDATE, its rows a DELETE and an INSERT through a temporary stage and table.
LOAD = {"CREATE STAGE", "CREATE TABLE", "DELETE", "INSERT", *READ, "UPDATE"}

# Every privilege that a role may have, by database, schema, warehouse or other object: exactly
# those of the statements that its tasks send.
ALLOWED: dict[str, dict[str, set[str]]] = {
    "LOADER": {
        "RAW": {"USAGE"},
        **dict.fromkeys((*LOADED, LOG), LOAD),
        "LOADING_XS": {"USAGE"},
    },
    "TRANSFORMER": {
        "RAW": READ,
        **dict.fromkeys((*LOADED, LOG), READ),
        "TRANSFORM": {"CREATE SCHEMA", "CREATE TABLE", "CREATE VIEW", *READ},
        "ANALYTICS": {
            "CREATE SCHEMA",
            "CREATE TABLE",
            "CREATE VIEW",
            "INSERT",
            "UPDATE",
            *READ,
        },
        "TRANSFORMING_XS": {"USAGE"},
        # The comparison after a sync runs where Fivetran has just worked.
        "LOADING_XS": {"USAGE"},
        # SHOW lists a resource monitor to roles with a privilege on it.
        MONITOR: {"MONITOR"},
        f"{PUBLIC}.RELEASED_DDRC": {"USAGE"},
        f"{PUBLIC}.JSON_RELEASED_DDRC": {"USAGE"},
    },
    "REPORTER": {
        "ANALYTICS": READ,
        "TRANSFORMING_XS": {"USAGE"},
        f"{PUBLIC}.AZURE_STAGE_DDRC": {"USAGE"},
        f"{PUBLIC}.JSON_DDRC": {"USAGE"},
    },
    "DASHBOARD": {
        "ANALYTICS": READ,
        "RAW": {"USAGE"},
        LOG: READ,
        "REPORTING_XS": {"USAGE"},
    },
    "READER": {
        "ANALYTICS": READ,
        "RAW": {"USAGE"},
        **dict.fromkeys((*LOADED, LOG), READ),
        "REPORTING_XS": {"USAGE"},
    },
    "FIVETRAN": {"RAW": {"CREATE SCHEMA", "MONITOR", "USAGE"}, "LOADING_XS": {"USAGE"}},
}


def role_privileges(resources: list[Resource], role: str, suffix: str) -> dict[str, set[str]]:
    """Collect a functional role's privileges, by database, schema, warehouse or other object.

    Args:
        resources: The resources of a plan whose objects have names (`serve(named=True)`).
        role: The role's name without its suffix, for example `LOADER`.
        suffix: The end of the environment's names, for example `DDRC_DEV`.

    Raises:
        ValueError: A grant is on nothing.
    """
    roles = _roles_granted_to(resources, f"{role}_{suffix}")
    found: dict[str, set[str]] = defaultdict(set)
    for grant in resources:
        if grant.type == GRANT and grant.values["account_role_name"] in roles:
            found[_target(grant.values, suffix)] |= set(grant.values["privileges"] or ())
    return dict(found)


def _roles_granted_to(resources: list[Resource], role: str) -> set[str]:
    """The role itself and, transitively, every role granted to it."""
    grants = [
        (resource.values["parent_role_name"], resource.values["role_name"])
        for resource in resources
        if resource.type == ROLE_GRANT and resource.values["parent_role_name"]
    ]
    roles: set[str] = set()
    added = {role}
    while added:
        roles |= added
        added = {child for parent, child in grants if parent in roles} - roles
    return roles


def _target(grant: dict[str, Any], suffix: str) -> str:
    """The target of a grant: its database, its schema, or its object's name."""
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
            if on.get("object_type") == MONITOR:
                # Its name is the environment's suffix alone.
                return MONITOR
            return str(on["object_name"])
    raise ValueError(f"a grant is on nothing: {grant}")
