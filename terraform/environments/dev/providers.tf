provider "azurerm" {
  features {}

  subscription_id = var.subscription_id
  # Shared keys are disabled: Terraform reads blobs with the identity of whoever runs it.
  storage_use_azuread = true
}

# The user's private key, or its short-lived token in a workflow, comes from the environment
# variable SNOWFLAKE_PRIVATE_KEY or SNOWFLAKE_TOKEN. A resource without one of the aliases below
# uses the role PUBLIC, which has no privileges.
provider "snowflake" {
  organization_name = var.snowflake_organization
  account_name      = var.snowflake_account
  user              = var.snowflake_user
  authenticator     = var.snowflake_authenticator
  role              = "PUBLIC"
}

provider "snowflake" {
  alias             = "accountadmin"
  organization_name = var.snowflake_organization
  account_name      = var.snowflake_account
  user              = var.snowflake_user
  authenticator     = var.snowflake_authenticator
  role              = "ACCOUNTADMIN"
}

provider "snowflake" {
  alias             = "securityadmin"
  organization_name = var.snowflake_organization
  account_name      = var.snowflake_account
  user              = var.snowflake_user
  authenticator     = var.snowflake_authenticator
  role              = "SECURITYADMIN"
}

provider "snowflake" {
  alias             = "sysadmin"
  organization_name = var.snowflake_organization
  account_name      = var.snowflake_account
  user              = var.snowflake_user
  authenticator     = var.snowflake_authenticator
  role              = "SYSADMIN"
  # The provider marks this resource as a preview; its version is pinned.
  preview_features_enabled = ["snowflake_file_format_json_resource"]
}

provider "snowflake" {
  alias             = "useradmin"
  organization_name = var.snowflake_organization
  account_name      = var.snowflake_account
  user              = var.snowflake_user
  authenticator     = var.snowflake_authenticator
  role              = "USERADMIN"
}
