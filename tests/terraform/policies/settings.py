"""What every resource has: a known type, known settings, its maker and a comment."""

from collections.abc import Iterator
from typing import Any

from tests.terraform.policies.planned import Planned
from tests.terraform.running import GRANT, ROLE_GRANT

# Each type, the configuration of its provider, and the settings that it may have. Among the
# others are credentials, exemptions from a network policy, and what Snowflake bills extra: whoever
# needs one adds it here, with a policy for its value.
SETTINGS: dict[str, tuple[str, str]] = {
    "azurerm_resource_group": ("azurerm", "location name tags"),
    "azurerm_role_assignment": (
        "azurerm",
        "description principal_id principal_type role_definition_name scope",
    ),
    "azurerm_storage_account": (
        "azurerm",
        "account_replication_type account_tier allow_nested_items_to_be_public blob_properties"
        " cross_tenant_replication_enabled default_to_oauth_authentication"
        " https_traffic_only_enabled local_user_enabled location min_tls_version name"
        " resource_group_name shared_access_key_enabled tags",
    ),
    "azurerm_storage_container": ("azurerm", "container_access_type name storage_account_id"),
    "azurerm_storage_management_policy": ("azurerm", "rule storage_account_id"),
    "snowflake_account_role": ("snowflake.useradmin", "comment name"),
    "snowflake_database": ("snowflake.sysadmin", "comment data_retention_time_in_days name"),
    "snowflake_file_format_json": (
        "snowflake.sysadmin",
        "comment compression database name schema strip_outer_array",
    ),
    ROLE_GRANT: ("snowflake.securityadmin", "parent_role_name role_name user_name"),
    GRANT: (
        "snowflake.securityadmin",
        "account_role_name on_account_object on_schema on_schema_object privileges",
    ),
    "snowflake_network_policy": ("snowflake.securityadmin", "allowed_ip_list comment name"),
    "snowflake_resource_monitor": (
        "snowflake.accountadmin",
        "credit_quota name notify_triggers notify_users suspend_immediate_trigger suspend_trigger",
    ),
    "snowflake_schema": ("snowflake.sysadmin", "comment database name"),
    "snowflake_service_user": (
        "snowflake.securityadmin",
        "comment default_role default_secondary_roles_option default_warehouse name network_policy"
        " prevent_unload_to_internal_stages rsa_public_key rsa_public_key_2 timezone",
    ),
    "snowflake_stage_external_azure": (
        "snowflake.sysadmin",
        "comment database file_format name schema storage_integration url",
    ),
    "snowflake_storage_integration_azure": (
        "snowflake.accountadmin",
        "azure_tenant_id comment enabled name storage_allowed_locations",
    ),
    "snowflake_view": (
        "snowflake.accountadmin",
        "comment copy_grants database is_secure name schema statement",
    ),
    "snowflake_warehouse": (
        "snowflake.accountadmin",
        "auto_resume auto_suspend comment initially_suspended name resource_monitor"
        " statement_queued_timeout_in_seconds statement_timeout_in_seconds warehouse_size",
    ),
}
# Only the provider sets these.
_MADE = {"id", "fully_qualified_name", "describe_output"}
_KNOWN = {kind: {*names.split(), *_MADE} for kind, (_, names) in SETTINGS.items()}
# The plan of what nobody wrote: an attribute, and a block.
_UNSET: tuple[Any, ...] = (None, [], {})


def check_settings(planned: Planned) -> Iterator[str]:
    """A resource has a type and settings that the policies know, and its maker."""
    for one in planned.resources:
        maker, _ = SETTINGS.get(one.type, ("", ""))
        if not maker:
            yield f"{one.address}: no policy knows the type {one.type}"
            continue
        for name in sorted(one.values.keys() - _KNOWN[one.type]):
            if one.values[name] not in _UNSET:
                yield f"{one.address}: sets {name}, which no policy knows"
        if one.provider != maker:
            yield f"{one.address}: is made by {one.provider}, not by {maker}"


def check_comments(planned: Planned) -> Iterator[str]:
    """Everything in Snowflake that can have a comment says what it is for; a role, who uses it."""
    for one in planned.resources:
        if "comment" in _KNOWN.get(one.type, ()):
            comment = one.values["comment"] or ""
            if len(comment.split()) < 3 or not comment.endswith("."):
                yield f"{one.address}: its comment is not a sentence"
    for role in planned.of_type("snowflake_account_role"):
        if "Used by" not in (role.values["comment"] or ""):
            yield f"{role.address}: its comment does not say who uses it"


def check_names(planned: Planned) -> Iterator[str]:
    """What belongs to the whole account has a name that ends with the environment."""
    for one in planned.resources:
        within = one.values.get("schema") or one.values.get("database")
        if one.type.startswith("azurerm") or "name" not in one.values or within:
            continue
        name = one.values["name"]
        if planned.suffix not in name:
            yield f"{one.address}: the name {name} does not have {planned.suffix}"


POLICIES = (check_settings, check_comments, check_names)
