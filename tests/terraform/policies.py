"""What the providers' schemas do not know, and a plan must keep all the same."""

import re
from collections.abc import Callable, Iterator

from tests.terraform.running import Resource

# Privileges by what they are given on (Snowflake's documentation, "Access control privileges").
# More exist; these are the ones that this project has a use for.
KNOWN = {
    "on_account_object": {"CREATE SCHEMA", "USAGE"},
    "on_schema": {"CREATE FILE FORMAT", "CREATE STAGE", "CREATE TABLE", "CREATE VIEW", "USAGE"},
    "on_schema_object": {"DELETE", "INSERT", "SELECT", "TRUNCATE", "UPDATE", "USAGE"},
}
PUBLIC_CONTAINER = "dashboard-data"
GRANT = "snowflake_grant_privileges_to_account_role"
DATABASE_ROLE = "snowflake_grant_database_role"


def findings(resources: list[Resource]) -> list[str]:
    """Where a plan breaks a policy: the resource's address and what is wrong; empty if nowhere."""
    return [
        f"{one.address}: {problem}"
        for one in resources
        for policy in POLICIES.get(one.type, ())
        for problem in policy(one)
    ]


def grants_one_thing(grant: Resource) -> Iterator[str]:
    """A grant is on exactly one object or kind of objects, with privileges that exist for it."""
    given = [block for block in KNOWN if grant.values[block]]
    if grant.values["on_account"]:
        given.append("on_account")
    if len(given) != 1:
        yield f"has {given or 'no on_ block'}; a grant is on exactly one thing"
        return
    [block] = given
    if wrong := set(grant.values["privileges"] or ()) - KNOWN.get(block, set()):
        yield f"{sorted(wrong)} is no privilege to be given {block}"
    if not grant.values["privileges"] or grant.values["all_privileges"]:
        yield "names no privileges of its own"
    if grant.values["with_grant_option"]:
        yield "may be passed on"
    if block == "on_schema" and len(_set(grant.values[block][0])) != 1:
        yield "names more or less than one kind of schemas"


def is_explained(role: Resource) -> Iterator[str]:
    """A role says who uses it."""
    if "Used by" not in (role.values["comment"] or ""):
        yield "its comment does not say who uses it"


def is_to_one_role(grant: Resource) -> Iterator[str]:
    """A database role is given to one account role; the provider takes exactly one grantee."""
    grantees = ("parent_role_name", "parent_database_role_name", "share_name")
    given = [name for name in grantees if grant.values[name]]
    if given != ["parent_role_name"]:
        yield f"is given to {given or 'nobody'}; it is for one account role"
    if not re.fullmatch(r'"\w+"\."\w+"', grant.values["database_role_name"]):
        yield "does not name its database and role, each in quotes"


def has_plain_keys(user: Resource) -> Iterator[str]:
    """A key is one line of base64; a service user has nothing else to come in with."""
    for name in ("rsa_public_key", "rsa_public_key_2"):
        key = user.values[name]
        if key is not None and not re.fullmatch(r"[A-Za-z0-9+/]+=*", key):
            yield f"{name} is not one line of base64"
    if user.values["rsa_public_key"] is None:
        yield "has no key"


def costs_little(warehouse: Resource) -> Iterator[str]:
    """A warehouse is small, sleeps soon, ends what hangs, and is watched."""
    values = warehouse.values
    if values["warehouse_size"] != "XSMALL":
        yield f"is {values['warehouse_size']}, and its name says XS"
    if not 0 < (values["auto_suspend"] or 0) <= 60:
        yield "does not suspend itself within a minute"
    if not 0 < (values["statement_timeout_in_seconds"] or 0) <= 900:
        yield "lets a statement run for more than a quarter of an hour"
    if not values["resource_monitor"]:
        yield "is under no resource monitor"


def is_a_sound_account(account: Resource) -> Iterator[str]:
    """A storage account's name is one that Azure takes; old protocols and shared keys are off."""
    values = account.values
    if not re.fullmatch(r"[a-z0-9]{3,24}", values["name"]):
        yield f"Azure takes no account of the name {values['name']}"
    if values["min_tls_version"] not in ("TLS1_2", "TLS1_3"):
        yield f"lets {values['min_tls_version']} in"
    if values["shared_access_key_enabled"] is not False:
        yield "has shared keys, and nobody is named who needs them"
    [blobs] = values["blob_properties"]
    if not blobs["versioning_enabled"] or not blobs["delete_retention_policy"]:
        yield "forgets what is overwritten or deleted"
    if {method for rule in blobs["cors_rule"] for method in rule["allowed_methods"]} - {
        "GET",
        "HEAD",
        "OPTIONS",
    }:
        yield "lets pages do more than read"


def is_private_but_for_one(container: Resource) -> Iterator[str]:
    """One container is public, and its files can be read but not listed."""
    expected = "blob" if container.values["name"] == PUBLIC_CONTAINER else "private"
    if container.values["container_access_type"] != expected:
        yield f"is {container.values['container_access_type']}, and should be {expected}"


def is_a_known_role(assignment: Resource) -> Iterator[str]:
    """Azure roles are given by name, to services."""
    role = assignment.values["role_definition_name"]
    if role not in ("Storage Blob Data Contributor", "Storage Blob Delegator"):
        yield f"gives {role}"
    if assignment.values["principal_type"] != "ServicePrincipal":
        yield "is not a service's"


def _set(block: dict[str, object]) -> list[str]:
    return [name for name, value in block.items() if value]


POLICIES: dict[str, tuple[Callable[[Resource], Iterator[str]], ...]] = {
    GRANT: (grants_one_thing,),
    DATABASE_ROLE: (is_to_one_role,),
    "snowflake_account_role": (is_explained,),
    "snowflake_service_user": (has_plain_keys,),
    "snowflake_warehouse": (costs_little,),
    "azurerm_storage_account": (is_a_sound_account,),
    "azurerm_storage_container": (is_private_but_for_one,),
    "azurerm_role_assignment": (is_a_known_role,),
}
