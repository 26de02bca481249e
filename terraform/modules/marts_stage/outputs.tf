output "public_url" {
  description = "The address of the file that the public page reads."
  value       = "https://${azurerm_storage_account.this.name}.blob.core.windows.net/${azurerm_storage_container.this["dashboard-data"].name}/ddrc-metrics.json"
}

output "consent_url" {
  description = "An administrator of the tenant opens it once and lets Snowflake's application in."
  value       = one(snowflake_storage_integration_azure.this.describe_output).consent_url
}

output "snowflake_application" {
  description = "The application's name; what stands before its underscore is found under Enterprise applications, where its object id is."
  value       = one(snowflake_storage_integration_azure.this.describe_output).multi_tenant_app_name
}

output "stage" {
  description = "The external stage, as the pipeline's COPY INTO names it."
  value       = "${snowflake_stage_external_azure.this.database}.${snowflake_stage_external_azure.this.schema}.${snowflake_stage_external_azure.this.name}"
}

output "containers" {
  description = "Who may read each container: `blob` for anyone, `private` for whom a role lets."
  value       = { for name, container in azurerm_storage_container.this : name => container.container_access_type }
}
