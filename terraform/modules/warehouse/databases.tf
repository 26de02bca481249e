locals {
  suffix = "DDRC_${var.environment}"

  databases = {
    RAW       = "What the sources said: the newest load of each, written by the loaders and by Fivetran."
    TRANSFORM = "Staging: raw data under our names and types, and the history of its changes. Made by dbt."
    ANALYTICS = "Marts: the metrics that are published, and what was published. Made by dbt."
  }
}

resource "snowflake_database" "this" {
  provider = snowflake.sysadmin
  for_each = local.databases

  name                        = "${each.key}_${local.suffix}"
  comment                     = each.value
  data_retention_time_in_days = var.time_travel_days

  lifecycle {
    prevent_destroy = true
  }
}

resource "snowflake_schema" "raw" {
  provider = snowflake.sysadmin
  for_each = var.raw_schemas

  database = snowflake_database.this["RAW"].name
  name     = each.key
  comment  = "Filled by include/loaders."

  lifecycle {
    prevent_destroy = true
  }
}
