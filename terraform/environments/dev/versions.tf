terraform {
  required_version = "~> 1.11"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "4.81.0"
    }
    snowflake = {
      source  = "snowflakedb/snowflake"
      version = "2.22.0"
    }
  }
}
