mock_provider "azurerm" {
  override_during = plan
  mock_resource "azurerm_storage_account" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-ddrc/providers/Microsoft.Storage/storageAccounts/stddrctest"
    }
  }

  mock_resource "azurerm_storage_container" {
    defaults = {
      id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-ddrc/providers/Microsoft.Storage/storageAccounts/stddrctest/blobServices/default/containers/mocked"
    }
  }
}

mock_provider "snowflake" {
  override_during = plan
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

mock_provider "snowflake" {
  alias           = "useradmin"
  override_during = plan
}

variables {
  subscription_id        = "00000000-0000-0000-0000-000000000000"
  tenant_id              = "00000000-0000-0000-0000-000000000000"
  storage_account        = "stddrctest"
  airflow_principal_id   = "00000000-0000-0000-0000-000000000001"
  snowflake_organization = "ORGANIZATION"
  snowflake_account      = "ACCOUNT"
  snowflake_user         = "TERRAFORM"
  public_keys = {
    AIRFLOW_LOADER      = { current = "MIIBIjANBg==" }
    AIRFLOW_TRANSFORMER = { current = "MIIBIjANBg==" }
    AIRFLOW_REPORTER    = { current = "MIIBIjANBg==" }
    FIVETRAN            = { current = "MIIBIjANBg==" }
    DASHBOARD           = { current = "MIIBIjANBg==" }
  }
}

run "everything_is_named_for_this_environment" {
  command = plan

  assert {
    condition     = output.stage == "ANALYTICS_DDRC_DEV.PUBLIC.AZURE_STAGE_DDRC"
    error_message = "The pipeline unloads to this stage."
  }

  assert {
    condition     = alltrue([for user in values(output.users) : endswith(user, "_DDRC_DEV")])
    error_message = "Both environments' users are in one account, so their names need the suffix."
  }
}

run "an_invalid_subscription_id_is_refused" {
  command = plan

  variables {
    subscription_id = "not-a-uuid"
  }

  expect_failures = [var.subscription_id]
}
