locals {
  suffix = "DDRC_${var.environment}"

  databases = {
    RAW       = "Raw data: the newest load of each source, written by the loaders and by Fivetran."
    TRANSFORM = "Staging: raw data with this project's names and types. Built by dbt."
    ANALYTICS = "Marts built by dbt, and the history of sources, published metrics and incidents."
  }

  # The dbt project names the schema of each source and who fills it. Fivetran creates its own
  # schemas, and dbt those in TRANSFORM and ANALYTICS. LOADING holds the log of loads.
  staging     = "${path.module}/../../../include/transform/models/staging"
  dbt_sources = flatten([for file in fileset(local.staging, "*/_*.yml") : lookup(yamldecode(file("${local.staging}/${file}")), "sources", [])])
  raw_schemas = toset(concat(["LOADING"], [for source in local.dbt_sources : source.schema if lookup(source, "loader", "") == "include.loaders"]))
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
  for_each = local.raw_schemas

  database = snowflake_database.this["RAW"].name
  name     = each.key
  comment  = "Filled by include/loaders."

  lifecycle {
    prevent_destroy = true
  }
}
