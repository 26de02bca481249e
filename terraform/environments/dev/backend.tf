# The state lies in Azure. Where, is told to `terraform init -backend-config=backend.hcl`.
terraform {
  backend "azurerm" {
    use_azuread_auth = true
  }
}
