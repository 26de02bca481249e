# The names are those of include/publishing/names.py; a test holds them together.
locals {
  containers = {
    "dashboard-data" = "blob" # Anyone may read a file whose name they know, and list nothing.
    "candidates"     = "private"
    "versions"       = "private"
  }
}

resource "azurerm_storage_container" "this" {
  for_each = local.containers

  name                  = each.key
  storage_account_id    = azurerm_storage_account.this.id
  container_access_type = each.value

  lifecycle {
    prevent_destroy = true
  }
}

# Published versions are kept for good. Candidates, and what Azure itself keeps of overwritten
# files, are not.
resource "azurerm_storage_management_policy" "this" {
  storage_account_id = azurerm_storage_account.this.id

  rule {
    name    = "delete-old-candidates"
    enabled = true

    filters {
      blob_types   = ["blockBlob"]
      prefix_match = ["${azurerm_storage_container.this["candidates"].name}/"]
    }

    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = var.candidate_days
      }
    }
  }

  rule {
    name    = "delete-overwritten-blobs"
    enabled = true

    filters {
      blob_types = ["blockBlob"]
    }

    actions {
      version {
        delete_after_days_since_creation = var.undelete_days
      }
    }
  }
}
