variable "environment" {
  description = "DEV or PRD; every name ends with it. The pipeline reads it from DDRC_ENV."
  type        = string

  validation {
    condition     = contains(["DEV", "PRD"], var.environment)
    error_message = "environment is DEV or PRD."
  }
}

variable "time_travel_days" {
  description = "Days for which Snowflake can restore a changed or dropped table. More than one needs the Enterprise edition."
  type        = number

  validation {
    condition     = var.time_travel_days >= 0 && var.time_travel_days <= 90
    error_message = "time_travel_days is between 0 and 90."
  }
}

variable "monthly_credits" {
  description = "Credits per month at which all three warehouses are suspended; docs/cost.md has the sum."
  type        = number

  validation {
    condition     = var.monthly_credits >= 1
    error_message = "monthly_credits is at least 1."
  }
}

variable "monitor_notifies" {
  description = "Snowflake users, with a verified e-mail address, who are notified when credits run out. Account administrators always are."
  type        = set(string)
  default     = []
}

variable "public_keys" {
  description = "The RSA public keys of the service users, by user without its suffix. `next` is the second key during a rotation."
  type        = map(object({ current = string, next = optional(string) }))

  validation {
    condition     = alltrue([for user in ["AIRFLOW_LOADER", "AIRFLOW_TRANSFORMER", "AIRFLOW_REPORTER", "FIVETRAN", "DASHBOARD"] : contains(keys(var.public_keys), user)])
    error_message = "public_keys needs AIRFLOW_LOADER, AIRFLOW_TRANSFORMER, AIRFLOW_REPORTER, FIVETRAN and DASHBOARD."
  }

  validation {
    condition     = alltrue(flatten([for pair in values(var.public_keys) : [for key in compact([pair.current, pair.next]) : can(regex("^[A-Za-z0-9+/]+=*$", key))]]))
    error_message = "A public key is one line of base64, without the BEGIN and END lines and without line breaks."
  }
}

variable "allowed_addresses" {
  description = "The IPv4 addresses or ranges from which the service users may connect; empty for any."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.allowed_addresses : can(cidrhost(length(split("/", address)) == 2 ? address : "${address}/32", 0))])
    error_message = "An allowed address is an IPv4 address or range, such as 192.0.2.0/24."
  }
}
