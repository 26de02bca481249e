terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    snowflake = {
      source  = "snowflakedb/snowflake"
      version = ">= 2.22.0, < 3.0.0"
      # One alias per system role of Snowflake, so that each resource names the role that creates it.
      configuration_aliases = [
        snowflake.accountadmin,
        snowflake.securityadmin,
        snowflake.sysadmin,
        snowflake.useradmin,
      ]
    }
  }
}
