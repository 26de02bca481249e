locals {
  # Snowflake may write to the container of candidates and nowhere else in the account: see access.tf.
  stage_location = "azure://${azurerm_storage_account.this.name}.blob.core.windows.net/${azurerm_storage_container.this["candidates"].name}/"
}

resource "snowflake_storage_integration_azure" "this" {
  provider = snowflake.accountadmin

  name                      = "AZURE_${local.suffix}"
  comment                   = "Lets metrics be unloaded to the container of candidates, and released files be read."
  enabled                   = true
  azure_tenant_id           = var.tenant_id
  storage_allowed_locations = [local.stage_location, local.released_location]
}

resource "snowflake_grant_privileges_to_account_role" "integration" {
  provider = snowflake.securityadmin

  account_role_name = "SYSADMIN"
  privileges        = ["USAGE"]

  on_account_object {
    object_type = "INTEGRATION"
    object_name = snowflake_storage_integration_azure.this.name
  }
}

# The unload states the same settings itself, so it does not depend on this file format.
resource "snowflake_file_format_json" "this" {
  provider = snowflake.sysadmin

  database    = var.analytics_database
  schema      = "PUBLIC"
  name        = "JSON_DDRC"
  comment     = "One uncompressed JSON document a file, which browsers can read."
  compression = "NONE"
}

resource "snowflake_stage_external_azure" "this" {
  provider = snowflake.sysadmin

  database            = var.analytics_database
  schema              = "PUBLIC"
  name                = "AZURE_STAGE_DDRC"
  comment             = "Receives unloaded metrics before the audit."
  url                 = local.stage_location
  storage_integration = snowflake_storage_integration_azure.this.name

  file_format {
    format_name = snowflake_file_format_json.this.fully_qualified_name
  }

  depends_on = [snowflake_grant_privileges_to_account_role.integration]
}

resource "snowflake_grant_privileges_to_account_role" "stage" {
  provider = snowflake.securityadmin

  account_role_name = var.reporter_role
  privileges        = ["USAGE"]

  on_schema_object {
    object_type = "STAGE"
    object_name = snowflake_stage_external_azure.this.fully_qualified_name
  }
}

resource "snowflake_grant_privileges_to_account_role" "file_format" {
  provider = snowflake.securityadmin

  account_role_name = var.reporter_role
  privileges        = ["USAGE"]

  on_schema_object {
    object_type = "FILE FORMAT"
    object_name = snowflake_file_format_json.this.fully_qualified_name
  }
}
