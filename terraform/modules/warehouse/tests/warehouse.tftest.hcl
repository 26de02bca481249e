mock_provider "snowflake" {
  alias           = "accountadmin"
  override_during = plan
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
  environment      = "PRD"
  time_travel_days = 7
  monthly_credits  = 60
  public_keys = {
    AIRFLOW_LOADER      = { current = "MIIBIjANBg==" }
    AIRFLOW_TRANSFORMER = { current = "MIIBIjANBg==", next = "MIIBIjANCg==" }
    AIRFLOW_REPORTER    = { current = "MIIBIjANBg==" }
    FIVETRAN            = { current = "MIIBIjANBg==" }
    DASHBOARD           = { current = "MIIBIjANBg==" }
  }
}

run "names_end_with_the_environment" {
  command = plan

  assert {
    condition     = output.databases == { RAW = "RAW_DDRC_PRD", TRANSFORM = "TRANSFORM_DDRC_PRD", ANALYTICS = "ANALYTICS_DDRC_PRD" }
    error_message = "The pipeline uses these database names."
  }

  assert {
    condition     = output.functional_roles["TRANSFORMER"] == "TRANSFORMER_DDRC_PRD"
    error_message = "The pipeline uses these role names."
  }

  assert {
    condition     = output.warehouses == { LOADING = "LOADING_XS_DDRC_PRD", TRANSFORMING = "TRANSFORMING_XS_DDRC_PRD", REPORTING = "REPORTING_XS_DDRC_PRD" }
    error_message = "The pipeline uses these warehouse names."
  }
}

run "the_loaders_have_their_schemas_and_the_log_of_loads" {
  command = plan

  assert {
    condition     = contains(keys(snowflake_schema.raw), "LOADING") && length(snowflake_schema.raw) > 1
    error_message = "The schemas of the loaded sources come from include/transform/models/staging."
  }
}

run "both_keys_are_set_during_a_rotation" {
  command = plan

  assert {
    condition     = snowflake_service_user.this["AIRFLOW_TRANSFORMER"].rsa_public_key_2 == "MIIBIjANCg=="
    error_message = "The second key must work before the first is removed."
  }

  assert {
    condition     = snowflake_service_user.this["AIRFLOW_LOADER"].rsa_public_key_2 == null
    error_message = "A user has one key outside of a rotation."
  }
}

run "there_is_no_network_policy_unless_addresses_are_named" {
  command = plan

  assert {
    condition     = length(snowflake_network_policy.services) == 0
    error_message = "An empty policy would refuse everybody."
  }
}

run "service_users_connect_from_the_named_addresses_only" {
  command = plan

  variables {
    allowed_addresses = ["192.0.2.7", "198.51.100.0/24"]
  }

  assert {
    condition     = alltrue([for user in snowflake_service_user.this : user.network_policy == "SERVICES_DDRC_PRD"])
    error_message = "The policy applies to every service user."
  }
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "STAGING"
  }

  expect_failures = [var.environment]
}

run "a_key_with_its_header_is_refused" {
  command = plan

  variables {
    public_keys = {
      AIRFLOW_LOADER      = { current = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBg==" }
      AIRFLOW_TRANSFORMER = { current = "MIIBIjANBg==" }
      AIRFLOW_REPORTER    = { current = "MIIBIjANBg==" }
      FIVETRAN            = { current = "MIIBIjANBg==" }
      DASHBOARD           = { current = "MIIBIjANBg==" }
    }
  }

  expect_failures = [var.public_keys]
}

run "a_user_without_a_key_is_refused" {
  command = plan

  variables {
    public_keys = { AIRFLOW_LOADER = { current = "MIIBIjANBg==" } }
  }

  expect_failures = [var.public_keys]
}

run "an_invalid_address_is_refused" {
  command = plan

  variables {
    allowed_addresses = ["example.org"]
  }

  expect_failures = [var.allowed_addresses]
}
