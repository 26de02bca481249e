locals {
  # Where Snowflake may write: the candidates, and no other place of the account.
  stage_location = "azure://${azurerm_storage_account.this.name}.blob.core.windows.net/${azurerm_storage_container.this["candidates"].name}/"
}

resource "snowflake_storage_integration_azure" "this" {
  provider = snowflake.accountadmin

  name                      = "AZURE_${local.suffix}"
  comment                   = "Unloads of metrics to the container of candidates."
  enabled                   = true
  azure_tenant_id           = var.tenant_id
  storage_allowed_locations = [local.stage_location]
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

# The unload names the same settings itself, so that it does not depend on this one.
resource "snowflake_file_format_json" "this" {
  provider = snowflake.sysadmin

  database    = var.analytics_database
  schema      = "PUBLIC"
  name        = "JSON_DDRC"
  comment     = "One JSON document a file, not compressed: browsers read it as it is."
  compression = "NONE"
}

resource "snowflake_stage_external_azure" "this" {
  provider = snowflake.sysadmin

  database            = var.analytics_database
  schema              = "PUBLIC"
  name                = "AZURE_STAGE_DDRC"
  comment             = "Where metrics are unloaded to, before they are audited."
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
