"""What each role can do in a plan: its own grants and those of the roles that it holds."""

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

# The schema of the loaders' log; whoever reads all of RAW has it by a role of its own.
LOAD_LOG = {"RAW.LOADING": READ}

# All that a role may do, by what it may do it with. Nothing more is needed by any task.
ALLOWED: dict[str, dict[str, set[str]]] = {
    "LOADER": {"RAW": CONTROL, **LOAD_LOG, "LOADING_XS": {"USAGE"}},
    "TRANSFORMER": {
        "RAW": READ,
        **LOAD_LOG,
        "TRANSFORM": CONTROL,
        "ANALYTICS": CONTROL,
        "TRANSFORMING_XS": {"USAGE"},
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
    "FIVETRAN": {"RAW": {"CREATE SCHEMA", "USAGE"}, "LOADING_XS": {"USAGE"}},
}


def reach(resources: list[Resource], role: str, suffix: str) -> dict[str, set[str]]:
    """The privileges of a functional role, by database, warehouse or kind of object."""
    held = _held(resources, f"{role}_{suffix}")
    found: dict[str, set[str]] = defaultdict(set)
    for grant in resources:
        if grant.type == GRANT and grant.values["account_role_name"] in held:
            found[_target(grant.values, suffix)] |= set(grant.values["privileges"])
        if grant.type == DATABASE_ROLE and grant.values["parent_role_name"] in held:
            found[grant.values["database_role_name"].replace('"', "")] |= {"USAGE"}
    return dict(found)


def _held(resources: list[Resource], role: str) -> set[str]:
    parents = [
        (one.values["parent_role_name"], one.values["role_name"])
        for one in resources
        if one.type == "snowflake_grant_account_role" and one.values["parent_role_name"]
    ]
    held, grown = {role}, True
    while grown:
        more = {child for parent, child in parents if parent in held} - held
        held, grown = held | more, bool(more)
    return held


def _target(grant: dict[str, Any], suffix: str) -> str:
    """What a grant is on: the database or schema, or the object's own name, or else its type."""
    return _named(grant).replace('"', "").replace(f"_{suffix}", "")


def _named(grant: dict[str, Any]) -> str:
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
            # An object that is yet to be made has no name in the plan.
            known = on.get("object_name") if block == "on_account_object" else None
            return str(known or on["object_type"])
    raise ValueError(f"A grant on nothing: {grant}")
