# One role for each kind of work. Used by people and services, as each comment says.
locals {
  # The first of its warehouses is the default of its users.
  functional_roles = {
    LOADER = {
      comment    = "Used by Airflow's loader tasks (connection snowflake_loader): fills raw tables."
      access     = ["RAW_LOAD"]
      warehouses = ["LOADING"]
    }
    TRANSFORMER = {
      comment = "Used by Airflow's dbt tasks (connection snowflake_transformer), and by data engineers in DEV."
      access  = ["RAW_READ", "TRANSFORM_BUILD", "ANALYTICS_BUILD"]
      # After a sync, a task compares Fivetran's table where Fivetran has just worked.
      warehouses = ["TRANSFORMING", "LOADING"]
    }
    REPORTER = {
      comment = "Used by Airflow's unloads (connection snowflake_reporter): reads marts and writes candidates."
      access  = ["ANALYTICS_READ"]
      # An unload follows dbt, which has resumed this warehouse.
      warehouses = ["TRANSFORMING"]
    }
    DASHBOARD = {
      comment    = "Used by the dashboard: reads marts, the log of loads and the cost of statements."
      access     = ["ANALYTICS_READ", "RAW_LOADING_READ"]
      warehouses = ["REPORTING"]
    }
    # Staging has the comments of the page feedback too, so it stays closed.
    READER = {
      comment    = "Used by analysts and by on-call staff: reads marts, history, the loaders' tables and their log; no contacts, no visitors' comments."
      access     = ["ANALYTICS_READ", "RAW_LOADED_READ", "RAW_LOADING_READ"]
      warehouses = ["REPORTING"]
    }
    FIVETRAN = {
      comment    = "Used by Fivetran: creates its own schemas in RAW and sees no others."
      access     = []
      warehouses = ["LOADING"]
    }
  }

  functional_warehouses = merge([
    for role, definition in local.functional_roles : {
      for warehouse in definition.warehouses : "${role}_${warehouse}" => { role = role, warehouse = warehouse }
    }
  ]...)

  functional_access = merge([
    for role, definition in local.functional_roles : {
      for access in definition.access : "${role}_${access}" => { role = role, access = access }
    }
  ]...)
}

resource "snowflake_account_role" "functional" {
  provider = snowflake.useradmin
  for_each = local.functional_roles

  name    = "${each.key}_${local.suffix}"
  comment = each.value.comment
}

resource "snowflake_grant_account_role" "access_to_functional" {
  provider = snowflake.securityadmin
  for_each = local.functional_access

  role_name        = snowflake_account_role.access[each.value.access].name
  parent_role_name = snowflake_account_role.functional[each.value.role].name
}

# Administrators see the objects that these roles own.
resource "snowflake_grant_account_role" "functional_to_sysadmin" {
  provider = snowflake.securityadmin
  for_each = local.functional_roles

  role_name        = snowflake_account_role.functional[each.key].name
  parent_role_name = "SYSADMIN"
}

# Fivetran's setup test fails without each of the three:
# https://fivetran.com/docs/destinations/snowflake/troubleshooting/insufficient-privileges-database
resource "snowflake_grant_privileges_to_account_role" "fivetran_schemas" {
  provider = snowflake.securityadmin

  account_role_name = snowflake_account_role.functional["FIVETRAN"].name
  privileges        = ["CREATE SCHEMA", "MONITOR", "USAGE"]

  on_account_object {
    object_type = "DATABASE"
    object_name = snowflake_database.this["RAW"].name
  }
}
