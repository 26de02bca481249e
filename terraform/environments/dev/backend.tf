# The state is stored in Azure; `terraform init -backend-config=backend.hcl` names the account.
terraform {
  backend "azurerm" {
    use_azuread_auth = true
  }
}
