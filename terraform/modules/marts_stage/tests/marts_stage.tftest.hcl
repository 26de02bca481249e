mock_provider "azurerm" {
  override_during = plan
  mock_resource "azurerm_storage_account" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-ddrc-dev/providers/Microsoft.Storage/storageAccounts/stddrctest"
    }
  }

  mock_resource "azurerm_storage_container" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-ddrc-dev/providers/Microsoft.Storage/storageAccounts/stddrctest/blobServices/default/containers/mocked"
    }
  }
}

mock_provider "snowflake" {
  alias           = "accountadmin"
  override_during = plan

  mock_resource "snowflake_storage_integration_azure" {
    defaults = {
      describe_output = [{
        allowed_locations        = []
        blocked_locations        = []
        comment                  = ""
        consent_url              = "https://login.microsoftonline.com/consent"
        enabled                  = true
        id                       = ""
        multi_tenant_app_name    = "snowflakeapp_1"
        provider                 = "AZURE"
        tenant_id                = ""
        use_privatelink_endpoint = false
      }]
    }
  }
}

mock_provider "snowflake" {
  alias           = "securityadmin"
  override_during = plan
}

mock_provider "snowflake" {
  alias           = "sysadmin"
  override_during = plan
}

variables {
  environment          = "DEV"
  location             = "westus2"
  storage_account      = "stddrctest"
  replication          = "LRS"
  undelete_days        = 7
  candidate_days       = 7
  page_origins         = ["https://www.example.org"]
  tenant_id            = "00000000-0000-0000-0000-000000000000"
  airflow_principal_id = "00000000-0000-0000-0000-000000000001"
  analytics_database   = "ANALYTICS_DDRC_DEV"
  reporter_role        = "REPORTER_DDRC_DEV"
  transformer_role     = "TRANSFORMER_DDRC_DEV"
}

run "a_named_user_of_shared_keys_enables_them" {
  command = plan

  variables {
    shared_key_user = "The migration of March"
  }

  assert {
    condition     = azurerm_storage_account.this.shared_access_key_enabled
    error_message = "Shared keys are enabled for a named user."
  }
}

run "outputs_that_no_environment_passes_on" {
  command = plan

  assert {
    condition     = output.released_stage == "ANALYTICS_DDRC_DEV.PUBLIC.RELEASED_DDRC"
    error_message = "The summary reads this stage."
  }

  assert {
    condition     = output.containers == { "dashboard-data" = "blob", "candidates" = "private", "versions" = "private" }
    error_message = "The public must not read candidates and versions."
  }
}

run "values_that_azure_would_refuse_are_refused_here" {
  command = plan

  variables {
    environment     = "STAGING"
    storage_account = "st-ddrc-test"
    replication     = "RAGRS"
    undelete_days   = 0
    candidate_days  = 6
    page_origins    = ["https://www.example.org/recovery"]
    tenant_id       = "example.org"
  }

  expect_failures = [
    var.environment,
    var.storage_account,
    var.replication,
    var.undelete_days,
    var.candidate_days,
    var.page_origins,
    var.tenant_id,
  ]
}
