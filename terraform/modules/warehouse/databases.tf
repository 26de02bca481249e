locals {
  suffix = "DDRC_${var.environment}"

  databases = {
    RAW       = "Raw data: the newest load of each source, written by the loaders and by Fivetran."
    TRANSFORM = "Staging: raw data with this project's names and types. Built by dbt."
    ANALYTICS = "Marts built by dbt, and the history of sources, published metrics and incidents."
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
