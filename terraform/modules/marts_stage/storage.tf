locals {
  suffix = "DDRC_${var.environment}"
}

resource "azurerm_resource_group" "this" {
  name     = "rg-ddrc-${lower(var.environment)}"
  location = var.location
  tags     = var.tags
}

resource "azurerm_storage_account" "this" {
  name                     = var.storage_account
  resource_group_name      = azurerm_resource_group.this.name
  location                 = azurerm_resource_group.this.location
  account_tier             = "Standard"
  account_replication_type = var.replication
  tags                     = var.tags

  min_tls_version                  = "TLS1_2"
  https_traffic_only_enabled       = true
  shared_access_key_enabled        = var.shared_key_user != ""
  default_to_oauth_authentication  = true
  cross_tenant_replication_enabled = false
  local_user_enabled               = false
  # One container is public: see containers.tf.
  allow_nested_items_to_be_public = true

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = var.undelete_days
    }

    container_delete_retention_policy {
      days = var.undelete_days
    }

    # The public page may only read.
    cors_rule {
      allowed_origins    = var.page_origins
      allowed_methods    = ["GET", "HEAD", "OPTIONS"]
      allowed_headers    = ["*"]
      exposed_headers    = ["ETag", "Last-Modified"]
      max_age_in_seconds = 3600
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}
