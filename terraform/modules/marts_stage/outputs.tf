output "public_url" {
  description = "The address of the file that the public page reads."
  value       = "https://${azurerm_storage_account.this.name}.blob.core.windows.net/${azurerm_storage_container.this["dashboard-data"].name}/ddrc-metrics.json"
}

output "consent_url" {
  description = "The address that an administrator of the tenant opens once to consent to Snowflake's application."
  value       = one(snowflake_storage_integration_azure.this.describe_output).consent_url
}

output "snowflake_application" {
  description = "The name of Snowflake's application. Search for the part before its underscore under Enterprise applications; the object id is there."
  value       = one(snowflake_storage_integration_azure.this.describe_output).multi_tenant_app_name
}

output "stage" {
  description = "The external stage's full name, as in the pipeline's COPY INTO."
  value       = "${snowflake_stage_external_azure.this.database}.${snowflake_stage_external_azure.this.schema}.${snowflake_stage_external_azure.this.name}"
}

output "released_stage" {
  description = "The full name of the stage that the summary reads."
  value       = "${snowflake_stage_external_azure.released.database}.${snowflake_stage_external_azure.released.schema}.${snowflake_stage_external_azure.released.name}"
}

output "containers" {
  description = "Each container's access type: `blob` lets anyone read a file, `private` only those with a role."
  value       = { for name, container in azurerm_storage_container.this : name => container.container_access_type }
}
