provider "azurerm" {
  features {}

  subscription_id = var.subscription_id
  # Shared keys are switched off: Terraform too reads blobs as the person who runs it.
  storage_use_azuread = true
}

# The user's private key, or in a workflow its short-lived token, comes from the environment:
# SNOWFLAKE_PRIVATE_KEY or SNOWFLAKE_TOKEN. A resource that names none of the aliases below acts as
# PUBLIC, which may do nothing.
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
  # The provider calls this resource a preview; the version is pinned.
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
