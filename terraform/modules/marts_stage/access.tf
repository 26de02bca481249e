# Access to the storage account.
locals {
  writer = "Storage Blob Data Contributor"
  reader = "Storage Blob Data Reader"
}

# Used by Snowflake's unloads, which write candidates only.
resource "azurerm_role_assignment" "snowflake" {
  count = var.snowflake_principal_id == "" ? 0 : 1

  scope                = azurerm_storage_container.this["candidates"].id
  role_definition_name = local.writer
  principal_id         = var.snowflake_principal_id
  principal_type       = "ServicePrincipal"
  description          = "Snowflake unloads candidates."
}

# Used by dbt's summary, which Snowflake makes of the sources' released files.
resource "azurerm_role_assignment" "snowflake_reads" {
  count = var.snowflake_principal_id == "" ? 0 : 1

  scope                = azurerm_storage_container.this["dashboard-data"].id
  role_definition_name = local.reader
  principal_id         = var.snowflake_principal_id
  principal_type       = "ServicePrincipal"
  description          = "Snowflake reads released files."
}

# Used by Airflow's tasks that audit, promote and restore (connection azure_storage).
resource "azurerm_role_assignment" "airflow" {
  for_each = local.containers

  scope                = azurerm_storage_container.this[each.key].id
  role_definition_name = local.writer
  principal_id         = var.airflow_principal_id
  principal_type       = "ServicePrincipal"
  description          = "Airflow audits, promotes and restores."
}

# Used by Airflow's promotion (connection azure_storage): a server-side copy is signed with a user
# delegation key.
resource "azurerm_role_assignment" "airflow_delegation" {
  scope                = azurerm_storage_account.this.id
  role_definition_name = "Storage Blob Delegator"
  principal_id         = var.airflow_principal_id
  principal_type       = "ServicePrincipal"
  description          = "Airflow signs server-side copies."
}
