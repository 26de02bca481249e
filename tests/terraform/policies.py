"""Policies for a plan that the providers' schemas cannot express."""

import re
from collections.abc import Callable, Iterator

from include.pipeline.credits import WARN_AT
from tests.terraform.running import Resource

# Privileges by the block of a grant (Snowflake's documentation, "Access control privileges"): those
# that this project uses.
PRIVILEGES = {
    "on_account_object": {"CREATE SCHEMA", "MONITOR", "USAGE"},
    "on_schema": {"CREATE STAGE", "CREATE TABLE", "CREATE VIEW", "USAGE"},
    "on_schema_object": {"DELETE", "INSERT", "SELECT", "UPDATE", "USAGE"},
}
PUBLIC_CONTAINER = "dashboard-data"
AZURE_ROLES = (
    "Storage Blob Data Contributor",
    "Storage Blob Data Reader",
    "Storage Blob Delegator",
)
GRANT = "snowflake_grant_privileges_to_account_role"


def check_policies(resources: list[Resource]) -> list[str]:
    """The violations in a plan: each a resource's address and the problem."""
    return [
        f"{resource.address}: {problem}"
        for resource in resources
        for policy in POLICIES.get(resource.type, ())
        for problem in policy(resource)
    ]


def check_grant(grant: Resource) -> Iterator[str]:
    """A grant is on exactly one object or kind of objects, with privileges that exist for it."""
    given = [block for block in PRIVILEGES if grant.values[block]]
    if grant.values["on_account"]:
        given.append("on_account")
    if len(given) != 1:
        yield f"has {given or 'no on_ block'}; a grant is on exactly one object or kind of objects"
        return
    [block] = given
    if wrong := set(grant.values["privileges"] or ()) - PRIVILEGES.get(block, set()):
        yield f"{sorted(wrong)} cannot be granted {block}"
    if not grant.values["privileges"] or grant.values["all_privileges"]:
        yield "does not list its privileges"
    if grant.values["with_grant_option"]:
        yield "can be granted on to others"
    if block == "on_schema" and len(_set_names(grant.values[block][0])) != 1:
        yield "does not name exactly one kind of schemas"


def check_role(role: Resource) -> Iterator[str]:
    """A role's comment says who uses it."""
    if "Used by" not in (role.values["comment"] or ""):
        yield "its comment does not say who uses it"


def check_view(view: Resource) -> Iterator[str]:
    """A view of the account's statements is secure and shows no text of one, error messages too."""
    statement = view.values["statement"].lower()
    if view.values["is_secure"] != "true":
        yield "is not secure"
    if shown := {"*", "query_text", "error_message"} & set(re.findall(r"\*|\w+", statement)):
        yield f"shows {sorted(shown)} of the account's statements"
    if "'ddrc'" not in statement:
        yield "shows the statements of other applications"


def check_user(user: Resource) -> Iterator[str]:
    """A service user has a key of one line of base64, works in UTC and cannot unload for itself."""
    if user.values.get("timezone") != "UTC":
        yield f"has the time zone {user.values.get('timezone')}, not UTC"
    if user.values.get("prevent_unload_to_internal_stages") is not True:
        yield "may unload to a stage of its own"
    for name in ("rsa_public_key", "rsa_public_key_2"):
        key = user.values[name]
        if key is not None and not re.fullmatch(r"[A-Za-z0-9+/]+=*", key):
            yield f"{name} is not one line of base64"
    if user.values["rsa_public_key"] is None:
        yield "has no key"


def check_warehouse(warehouse: Resource) -> Iterator[str]:
    """A warehouse is XSMALL, suspends itself soon, and has a statement timeout and a monitor."""
    values = warehouse.values
    if values["warehouse_size"] != "XSMALL":
        yield f"is {values['warehouse_size']}, but its name says XS"
    if not 0 < (values["auto_suspend"] or 0) <= 60:
        yield "does not suspend itself within a minute"
    if not 0 < (values["statement_timeout_in_seconds"] or 0) <= 900:
        yield "lets a statement run for more than 15 minutes"
    if not values["resource_monitor"]:
        yield "has no resource monitor"


def check_monitor(monitor: Resource) -> Iterator[str]:
    """A monitor warns before it stops warehouses, and counts calendar months as the watch does."""
    values = monitor.values
    if values["frequency"] or values["start_timestamp"]:
        yield "does not count calendar months"
    if set(values["notify_triggers"] or ()) != set(WARN_AT):
        yield f"warns at {values['notify_triggers']}, but the watch at {WARN_AT}"
    if not values["credit_quota"] or not values["suspend_trigger"]:
        yield "never stops a warehouse"


def check_storage_account(account: Resource) -> Iterator[str]:
    """A storage account has a valid name, modern TLS, versioning, and no shared keys."""
    values = account.values
    if not re.fullmatch(r"[a-z0-9]{3,24}", values["name"]):
        yield f"has the name {values['name']}, which Azure refuses"
    if values["min_tls_version"] not in ("TLS1_2", "TLS1_3"):
        yield f"accepts {values['min_tls_version']}"
    if values["shared_access_key_enabled"] is not False:
        yield "has shared keys, but names no user of them"
    [blobs] = values["blob_properties"]
    if not blobs["versioning_enabled"] or not blobs["delete_retention_policy"]:
        yield "cannot restore overwritten or deleted blobs"
    if {method for rule in blobs["cors_rule"] for method in rule["allowed_methods"]} - {
        "GET",
        "HEAD",
        "OPTIONS",
    }:
        yield "lets pages do more than read"


def check_container(container: Resource) -> Iterator[str]:
    """One container is public: its files can be read but not listed. The others are private."""
    expected = "blob" if container.values["name"] == PUBLIC_CONTAINER else "private"
    if container.values["container_access_type"] != expected:
        yield f"is {container.values['container_access_type']}, not {expected}"


def check_role_assignment(assignment: Resource) -> Iterator[str]:
    """An Azure role reads, writes or signs for blobs only; its holder is a service principal."""
    role = assignment.values["role_definition_name"]
    if role not in AZURE_ROLES:
        yield f"grants {role}"
    if assignment.values["principal_type"] != "ServicePrincipal":
        yield "is not to a service principal"


def _set_names(block: dict[str, object]) -> list[str]:
    return [name for name, value in block.items() if value]


POLICIES: dict[str, tuple[Callable[[Resource], Iterator[str]], ...]] = {
    GRANT: (check_grant,),
    "snowflake_account_role": (check_role,),
    "snowflake_resource_monitor": (check_monitor,),
    "snowflake_service_user": (check_user,),
    "snowflake_view": (check_view,),
    "snowflake_warehouse": (check_warehouse,),
    "azurerm_storage_account": (check_storage_account,),
    "azurerm_storage_container": (check_container,),
    "azurerm_role_assignment": (check_role_assignment,),
}
