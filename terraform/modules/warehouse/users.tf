locals {
  users = {
    AIRFLOW_LOADER      = { role = "LOADER", comment = "Used by Airflow's loader tasks." }
    AIRFLOW_TRANSFORMER = { role = "TRANSFORMER", comment = "Used by Airflow's dbt tasks." }
    AIRFLOW_REPORTER    = { role = "REPORTER", comment = "Used by Airflow's unloads." }
    FIVETRAN            = { role = "FIVETRAN", comment = "Used by Fivetran's syncs." }
    DASHBOARD           = { role = "DASHBOARD", comment = "Used by the recovery dashboard." }
  }
}

# A user may be created with a network policy by a role that owns the policy or inherits it, so both
# belong to SECURITYADMIN, which inherits USERADMIN:
# https://docs.snowflake.com/en/release-notes/bcr-bundles/un-bundled/bcr-non-existing-network-policy
resource "snowflake_network_policy" "services" {
  provider = snowflake.securityadmin
  count    = length(var.allowed_addresses) > 0 ? 1 : 0

  name            = "SERVICES_${local.suffix}"
  comment         = "The addresses from which this project's service users connect."
  allowed_ip_list = var.allowed_addresses
}

resource "snowflake_service_user" "this" {
  provider = snowflake.securityadmin
  for_each = local.users

  name              = "${each.key}_${local.suffix}"
  comment           = each.value.comment
  default_role      = snowflake_account_role.functional[each.value.role].name
  default_warehouse = snowflake_warehouse.this[local.functional_roles[each.value.role].warehouses[0]].name
  network_policy    = one(snowflake_network_policy.services[*].name)
  rsa_public_key    = var.public_keys[each.key].current
  rsa_public_key_2  = var.public_keys[each.key].next
  # A session's time zone is America/Los_Angeles by default; statements compare and write UTC.
  timezone = "UTC"
  # Nothing is unloaded but candidates, to the external stage. Anyone can write to their own internal
  # stage otherwise: https://docs.snowflake.com/en/sql-reference/parameters#prevent-unload-to-internal-stages
  prevent_unload_to_internal_stages = true
  # A user acts with its one role, even if it is granted others.
  default_secondary_roles_option = "NONE"
}

resource "snowflake_grant_account_role" "functional_to_user" {
  provider = snowflake.securityadmin
  for_each = local.users

  role_name = snowflake_account_role.functional[each.value.role].name
  user_name = snowflake_service_user.this[each.key].name
}
