"""Each grant of privileges: to whom, on what, and on future objects as on existing ones."""

from collections.abc import Iterator
from typing import Any

from tests.terraform.policies.planned import Planned
from tests.terraform.role_reach import ALLOWED
from tests.terraform.running import GRANT, Resource

# Privileges by the block of a grant (https://docs.snowflake.com/en/user-guide/security-access-control-privileges):
# those that this project uses. OWNERSHIP is never granted, least of all on future objects: it would
# take each new table from the role that made it.
PRIVILEGES = {
    "on_account_object": {"CREATE SCHEMA", "MONITOR", "USAGE"},
    "on_schema": {"CREATE STAGE", "CREATE TABLE", "CREATE VIEW", "USAGE"},
    "on_schema_object": {"DELETE", "INSERT", "SELECT", "UPDATE", "USAGE"},
}
_PLURALS = {"TABLES", "VIEWS"}
# The resources that make the objects of single grants, and the attribute with the object's name.
OBJECTS = {
    "DATABASE": ("snowflake_database", "name"),
    "INTEGRATION": ("snowflake_storage_integration_azure", "name"),
    "RESOURCE MONITOR": ("snowflake_resource_monitor", "name"),
    "WAREHOUSE": ("snowflake_warehouse", "name"),
    "STAGE": ("snowflake_stage_external_azure", "fully_qualified_name"),
    "FILE FORMAT": ("snowflake_file_format_json", "fully_qualified_name"),
}


def check_shape(planned: Planned) -> Iterator[str]:
    """A grant is on exactly one object or kind of objects, with privileges that exist for it."""
    for grant in planned.of_type(GRANT):
        values = grant.values
        given = [block for block in PRIVILEGES if values[block]]
        if values["on_account"]:
            given.append("on_account")
        if len(given) != 1:
            yield f"{grant.address}: has {given or 'no on_ block'}, not exactly one"
            continue
        [block] = given
        if wrong := set(values["privileges"] or ()) - PRIVILEGES.get(block, set()):
            yield f"{grant.address}: {sorted(wrong)} cannot be granted {block}"
        if not values["privileges"] or values["all_privileges"]:
            yield f"{grant.address}: does not list its privileges"
        if values["with_grant_option"]:
            yield f"{grant.address}: can be granted on to others"
        if block == "on_schema" and sum(map(bool, values[block][0].values())) != 1:
            yield f"{grant.address}: does not name exactly one kind of schemas"


def check_grantees(planned: Planned) -> Iterator[str]:
    """Only this plan's roles get privileges, and SYSADMIN the use of the storage integration."""
    own, integrations = planned.names("snowflake_account_role"), 0
    for grant in planned.of_type(GRANT):
        role = grant.values["account_role_name"]
        objects = {object_type for object_type, _ in _objects(grant)}
        if "INTEGRATION" in objects:
            wanted, integrations = {"SYSADMIN"}, integrations + 1
        elif objects & {"FILE FORMAT", "RESOURCE MONITOR", "STAGE", "WAREHOUSE"}:
            wanted = {f"{name}_{planned.suffix}" for name in ALLOWED}
        else:
            wanted = own
        if role not in wanted:
            yield f"{grant.address}: is to {role}"
    if integrations != 1:
        yield f"{GRANT}: SYSADMIN may not use the storage integration, so it cannot make a stage"


def check_objects(planned: Planned) -> Iterator[str]:
    """A grant on one object is on an object of this plan, and of the type that the grant says."""
    made = {
        (object_type, one.values[name].replace('"', ""))
        for object_type, (kind, name) in OBJECTS.items()
        for one in planned.of_type(kind)
    }
    for grant in planned.of_type(GRANT):
        for object_type, name in _objects(grant):
            if (object_type, str(name).replace('"', "")) not in made:
                yield f"{grant.address}: is on {object_type} {name}, which this plan does not make"


def check_future(planned: Planned) -> Iterator[str]:
    """A grant on all schemas or objects is on the future ones too, and the other way round."""
    places = [(grant, *_place(grant)) for grant in planned.of_type(GRANT)]
    for grant, when, place in places:
        if when and not any(
            place == other and when != another and _same(grant, twin)
            for twin, another, other in places
        ):
            missing = "future" if when == "all" else "existing"
            yield f"{grant.address}: there is no such grant on {missing} objects"


def check_way(planned: Planned) -> Iterator[str]:
    """A role with privileges on objects may use their database and schemas, future ones too."""
    usable = {
        (grant.values["account_role_name"], place)
        for grant in planned.of_type(GRANT)
        if "USAGE" in (grant.values["privileges"] or ())
        for place in _usable(grant)
    }
    for grant in planned.of_type(GRANT):
        role = grant.values["account_role_name"]
        for on in grant.values["on_schema_object"]:
            for when in ("all", "future"):
                for one in on[when] or []:
                    if one["object_type_plural"] not in _PLURALS:
                        yield f"{grant.address}: is on {one['object_type_plural']}"
                    schema = one["in_schema"]
                    database = one["in_database"] or str(schema).replace('"', "").partition(".")[0]
                    for place in (
                        f"DATABASE {database}",
                        f"SCHEMA {schema}" if schema else f"{when} SCHEMAS {database}",
                    ):
                        if (role, place) not in usable:
                            yield f"{grant.address}: {role} has no USAGE on {place}"


def _objects(grant: Resource) -> list[tuple[str, str]]:
    """The type and name of the single object that a grant is on; none if it is on a kind."""
    return [
        (on["object_type"], on["object_name"])
        for block in ("on_account_object", "on_schema_object")
        for on in grant.values[block]
        if on["object_type"] or on["object_name"]
    ]


def _usable(grant: Resource) -> Iterator[str]:
    for on in grant.values["on_account_object"]:
        yield f"{on['object_type']} {on['object_name']}"
    for on in grant.values["on_schema"]:
        yield f"SCHEMA {on['schema_name']}"
        yield f"all SCHEMAS {on['all_schemas_in_database']}"
        yield f"future SCHEMAS {on['future_schemas_in_database']}"


def _place(grant: Resource) -> tuple[str, Any]:
    """Whether a grant is on `all` or `future` objects, and of which kind and where."""
    for on in grant.values["on_schema_object"]:
        for when in ("all", "future"):
            for one in on[when] or []:
                return when, (one["object_type_plural"], one["in_database"], one["in_schema"])
    for on in grant.values["on_schema"]:
        for when in ("all", "future"):
            if database := on[f"{when}_schemas_in_database"]:
                return when, ("SCHEMAS", database, None)
    return "", None


def _same(one: Resource, other: Resource) -> bool:
    return all(
        one.values[name] == other.values[name] for name in ("account_role_name", "privileges")
    )


POLICIES = (check_shape, check_grantees, check_objects, check_future, check_way)
