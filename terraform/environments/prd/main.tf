module "warehouse" {
  source = "../../modules/warehouse"

  environment       = local.environment
  time_travel_days  = local.time_travel_days
  monthly_credits   = local.monthly_credits
  monitor_notifies  = var.monitor_notifies
  public_keys       = var.public_keys
  allowed_addresses = var.allowed_addresses

  providers = {
    snowflake.accountadmin  = snowflake.accountadmin
    snowflake.securityadmin = snowflake.securityadmin
    snowflake.sysadmin      = snowflake.sysadmin
    snowflake.useradmin     = snowflake.useradmin
  }
}

module "marts_stage" {
  source = "../../modules/marts_stage"

  environment            = local.environment
  location               = local.location
  storage_account        = var.storage_account
  replication            = local.replication
  undelete_days          = local.undelete_days
  candidate_days         = local.candidate_days
  page_origins           = var.page_origins
  tenant_id              = var.tenant_id
  snowflake_principal_id = var.snowflake_principal_id
  airflow_principal_id   = var.airflow_principal_id
  analytics_database     = module.warehouse.databases["ANALYTICS"]
  reporter_role          = module.warehouse.functional_roles["REPORTER"]
  transformer_role       = module.warehouse.functional_roles["TRANSFORMER"]
  tags                   = { project = "ddrc", environment = lower(local.environment) }

  providers = {
    azurerm                 = azurerm
    snowflake.accountadmin  = snowflake.accountadmin
    snowflake.securityadmin = snowflake.securityadmin
    snowflake.sysadmin      = snowflake.sysadmin
  }
}
