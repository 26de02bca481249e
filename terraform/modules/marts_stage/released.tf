# Snowflake reads the sources' released files, of which dbt makes the summary. The public may read
# them too, but a stage needs to list them.
locals {
  released_location = "azure://${azurerm_storage_account.this.name}.blob.core.windows.net/${azurerm_storage_container.this["dashboard-data"].name}/sources/"
}

resource "snowflake_file_format_json" "released" {
  provider = snowflake.sysadmin

  database          = var.analytics_database
  schema            = "PUBLIC"
  name              = "JSON_RELEASED_DDRC"
  comment           = "One array a file, each of its elements a row."
  strip_outer_array = "true"
}

resource "snowflake_stage_external_azure" "released" {
  provider = snowflake.sysadmin

  database            = var.analytics_database
  schema              = "PUBLIC"
  name                = "RELEASED_DDRC"
  comment             = "Reads the sources' released files."
  url                 = local.released_location
  storage_integration = snowflake_storage_integration_azure.this.name

  file_format {
    format_name = snowflake_file_format_json.released.fully_qualified_name
  }

  depends_on = [snowflake_grant_privileges_to_account_role.integration]
}

resource "snowflake_grant_privileges_to_account_role" "released" {
  provider = snowflake.securityadmin
  for_each = {
    "STAGE"       = snowflake_stage_external_azure.released.fully_qualified_name
    "FILE FORMAT" = snowflake_file_format_json.released.fully_qualified_name
  }

  account_role_name = var.transformer_role
  privileges        = ["USAGE"]

  on_schema_object {
    object_type = each.key
    object_name = each.value
  }
}
