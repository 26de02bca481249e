# Who may write to the storage account.
locals {
  writer = "Storage Blob Data Contributor"
}

# Snowflake unloads candidates, and nothing else.
resource "azurerm_role_assignment" "snowflake" {
  count = var.snowflake_principal_id == "" ? 0 : 1

  scope                = azurerm_storage_container.this["candidates"].id
  role_definition_name = local.writer
  principal_id         = var.snowflake_principal_id
  principal_type       = "ServicePrincipal"
  description          = "Snowflake unloads candidates."
}

resource "azurerm_role_assignment" "airflow" {
  for_each = local.containers

  scope                = azurerm_storage_container.this[each.key].id
  role_definition_name = local.writer
  principal_id         = var.airflow_principal_id
  principal_type       = "ServicePrincipal"
  description          = "Airflow audits, promotes and restores."
}

# A copy inside the account is signed with a key that Azure delegates for it.
resource "azurerm_role_assignment" "airflow_delegation" {
  scope                = azurerm_storage_account.this.id
  role_definition_name = "Storage Blob Delegator"
  principal_id         = var.airflow_principal_id
  principal_type       = "ServicePrincipal"
  description          = "Airflow signs server-side copies."
}
