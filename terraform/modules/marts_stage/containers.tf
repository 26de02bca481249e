# The names are those in include/publishing/names.py; a test compares the two.
locals {
  containers = {
    "dashboard-data" = "blob" # Anyone may read a file by its name; nobody may list the files.
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

# Candidates expire, and so do Azure's own copies of overwritten or deleted files. No rule reaches the
# published versions: one that somebody deletes by mistake stays restorable. A rule without a prefix
# applies to every container:
# https://learn.microsoft.com/en-us/azure/storage/blobs/lifecycle-management-policy-structure
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
      prefix_match = [
        "${azurerm_storage_container.this["candidates"].name}/",
        "${azurerm_storage_container.this["dashboard-data"].name}/",
      ]
    }

    actions {
      version {
        delete_after_days_since_creation = var.undelete_days
      }
    }
  }
}
