variable "subscription_id" {
  description = "The Azure subscription."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.subscription_id))
    error_message = "subscription_id is a UUID."
  }
}

variable "tenant_id" {
  description = "The Entra tenant of the subscription."
  type        = string
}

variable "storage_account" {
  description = "The storage account's name, unique in all of Azure."
  type        = string
}

variable "airflow_principal_id" {
  description = "The object id of the service principal of the Airflow connection azure_storage."
  type        = string
}

variable "snowflake_principal_id" {
  description = "The object id of Snowflake's service principal; empty until an administrator has consented."
  type        = string
  default     = ""
}

variable "snowflake_organization" {
  description = "The first part of the Snowflake account identifier."
  type        = string
}

variable "snowflake_account" {
  description = "The second part of the Snowflake account identifier."
  type        = string
}

variable "snowflake_user" {
  description = "The Snowflake user that Terraform logs in as; it needs the roles ACCOUNTADMIN, SECURITYADMIN, SYSADMIN and USERADMIN."
  type        = string
}

variable "snowflake_authenticator" {
  description = "That user's authentication: its key, or GitHub's token in a workflow."
  type        = string
  default     = "SNOWFLAKE_JWT"

  validation {
    condition     = contains(["SNOWFLAKE_JWT", "WORKLOAD_IDENTITY"], var.snowflake_authenticator)
    error_message = "snowflake_authenticator is SNOWFLAKE_JWT or WORKLOAD_IDENTITY."
  }
}

variable "public_keys" {
  description = "The RSA public keys of the service users, one line each; see the warehouse module."
  type        = map(object({ current = string, next = optional(string) }))
}

variable "allowed_addresses" {
  description = "The IPv4 addresses or ranges from which the service users may connect; empty for any."
  type        = set(string)
  default     = []
}

variable "page_origins" {
  description = "The origins of the pages that read the public files."
  type        = list(string)
  default     = ["*"]
}

variable "monitor_notifies" {
  description = "Snowflake users, with a verified e-mail address, who are notified when credits run out. Account administrators always are."
  type        = set(string)
  default     = []
}
