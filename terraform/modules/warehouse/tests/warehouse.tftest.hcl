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

run "values_that_snowflake_would_refuse_are_refused_here" {
  command = plan

  variables {
    environment       = "STAGING"
    time_travel_days  = 91
    monthly_credits   = 0
    allowed_addresses = ["example.org"]
    public_keys = {
      AIRFLOW_LOADER      = { current = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBg==" }
      AIRFLOW_TRANSFORMER = { current = "MIIBIjANBg==" }
      AIRFLOW_REPORTER    = { current = "MIIBIjANBg==" }
      FIVETRAN            = { current = "MIIBIjANBg==" }
      DASHBOARD           = { current = "MIIBIjANBg==" }
    }
  }

  expect_failures = [
    var.environment,
    var.time_travel_days,
    var.monthly_credits,
    var.allowed_addresses,
    var.public_keys,
  ]
}

run "a_user_without_a_key_is_refused" {
  command = plan

  variables {
    public_keys = { AIRFLOW_LOADER = { current = "MIIBIjANBg==" } }
  }

  expect_failures = [var.public_keys]
}
