variable "environment" {
  description = "DEV or PRD; every name ends with it."
  type        = string

  validation {
    condition     = contains(["DEV", "PRD"], var.environment)
    error_message = "environment is DEV or PRD."
  }
}

variable "location" {
  description = "The Azure region, for example westus2."
  type        = string
}

variable "storage_account" {
  description = "The storage account's name: part of the public address, and unique in all of Azure."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]{3,24}$", var.storage_account))
    error_message = "A storage account's name is 3 to 24 lower-case letters and digits."
  }
}

variable "replication" {
  description = "Azure's replication: LRS in one data centre, ZRS in three of a region, GRS and GZRS in a second region too."
  type        = string

  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "GZRS"], var.replication)
    error_message = "replication is LRS, ZRS, GRS or GZRS."
  }
}

variable "undelete_days" {
  description = "Days for which a deleted or overwritten blob, or a deleted container, can be restored."
  type        = number

  validation {
    condition     = var.undelete_days >= 1 && var.undelete_days <= 365
    error_message = "undelete_days is between 1 and 365."
  }
}

variable "candidate_days" {
  description = "Days for which a candidate is stored, so that a person can still see what was not published."
  type        = number

  validation {
    condition     = var.candidate_days >= 7
    error_message = "candidate_days is at least 7: an approval may still need the candidate."
  }
}

variable "page_origins" {
  description = "The origins whose pages read the public files in a browser, such as https://www.ca.gov; \"*\" for any."
  type        = list(string)

  validation {
    condition     = length(var.page_origins) > 0 && alltrue([for origin in var.page_origins : origin == "*" || can(regex("^https://[^/*]+$", origin))])
    error_message = "An origin is \"*\" or https:// and a host name, without a path."
  }
}

variable "shared_key_user" {
  description = "The user of the account's shared keys; empty disables the keys. The pipeline needs none: its Airflow connection is a service principal."
  type        = string
  default     = ""
}

variable "tenant_id" {
  description = "The Entra tenant of the subscription."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.tenant_id))
    error_message = "tenant_id is a UUID."
  }
}

variable "snowflake_principal_id" {
  description = "The object id of Snowflake's service principal in the tenant. Empty until an administrator has consented at the address in the output consent_url."
  type        = string
  default     = ""
}

variable "airflow_principal_id" {
  description = "The object id of the service principal that the Airflow connection azure_storage uses."
  type        = string
}

variable "analytics_database" {
  description = "The database that holds the stages."
  type        = string
}

variable "reporter_role" {
  description = "The role that unloads to the stage."
  type        = string
}

variable "transformer_role" {
  description = "The role that reads the released files through their stage."
  type        = string
}

variable "tags" {
  description = "Azure tags, such as the cost centre."
  type        = map(string)
  default     = {}
}
