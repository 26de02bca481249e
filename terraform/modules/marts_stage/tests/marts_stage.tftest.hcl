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

run "only_the_public_container_is_public" {
  command = plan

  assert {
    condition     = output.containers == { "dashboard-data" = "blob", "candidates" = "private", "versions" = "private" }
    error_message = "The public must not read candidates and versions."
  }
}

run "snowflake_may_write_candidates_and_read_released_files" {
  command = plan

  variables {
    snowflake_principal_id = "00000000-0000-0000-0000-000000000002"
  }

  assert {
    condition     = snowflake_storage_integration_azure.this.storage_allowed_locations == toset(["azure://stddrctest.blob.core.windows.net/candidates/", "azure://stddrctest.blob.core.windows.net/dashboard-data/sources/"])
    error_message = "The integration allows exactly the stages' locations."
  }

  assert {
    condition     = snowflake_storage_integration_azure.this.storage_allowed_locations == toset([snowflake_stage_external_azure.this.url, snowflake_stage_external_azure.released.url])
    error_message = "Each stage is at an allowed location."
  }

  assert {
    condition     = length(azurerm_role_assignment.snowflake) == 1 && endswith(azurerm_role_assignment.snowflake[0].scope, "/containers/mocked")
    error_message = "Snowflake's role is limited to a container."
  }

  assert {
    condition     = azurerm_role_assignment.snowflake_reads[0].role_definition_name == "Storage Blob Data Reader" && endswith(azurerm_role_assignment.snowflake_reads[0].scope, "/containers/mocked")
    error_message = "Snowflake only reads the public container, and no other."
  }

  assert {
    condition     = snowflake_file_format_json.released.strip_outer_array == "true"
    error_message = "Each metric of a released file is a row."
  }
}

run "the_released_files_are_read_by_the_role_that_runs_dbt_only" {
  command = plan

  assert {
    condition     = [for grant in values(snowflake_grant_privileges_to_account_role.released) : grant.account_role_name] == ["TRANSFORMER_DDRC_DEV", "TRANSFORMER_DDRC_DEV"]
    error_message = "dbt reads the stage and its file format."
  }
}

run "before_the_consent_snowflake_has_no_role" {
  command = plan

  assert {
    condition     = length(azurerm_role_assignment.snowflake) + length(azurerm_role_assignment.snowflake_reads) == 0
    error_message = "The principal is known only after the first apply has created the integration."
  }

  assert {
    condition     = output.consent_url == "https://login.microsoftonline.com/consent" && output.snowflake_application == "snowflakeapp_1"
    error_message = "The person who consents needs both."
  }
}

run "the_stages_are_those_that_the_pipeline_names" {
  command = plan

  assert {
    condition     = output.stage == "ANALYTICS_DDRC_DEV.PUBLIC.AZURE_STAGE_DDRC"
    error_message = "COPY INTO uses this name."
  }

  assert {
    condition     = output.released_stage == "ANALYTICS_DDRC_DEV.PUBLIC.RELEASED_DDRC"
    error_message = "The summary reads this stage."
  }

  assert {
    condition     = output.public_url == "https://stddrctest.blob.core.windows.net/dashboard-data/ddrc-metrics.json"
    error_message = "The public page reads this address."
  }
}

run "shared_keys_are_disabled_unless_a_user_of_them_is_named" {
  command = plan

  assert {
    condition     = azurerm_storage_account.this.shared_access_key_enabled == false
    error_message = "A shared key gives its holder access to the whole account."
  }
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

run "an_account_name_that_azure_refuses_is_refused_here" {
  command = plan

  variables {
    storage_account = "st-ddrc-test"
  }

  expect_failures = [var.storage_account]
}

run "an_origin_with_a_path_is_refused" {
  command = plan

  variables {
    page_origins = ["https://www.example.org/recovery"]
  }

  expect_failures = [var.page_origins]
}
