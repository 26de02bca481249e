# One role for each part of the data and kind of access. Used by functional roles only; no person or
# service has one. Each has the privileges of the statements that its users send, and no others.
locals {
  read_objects = { TABLES = ["SELECT"], VIEWS = ["SELECT"] }

  # On all schemas of a database, also on those that Fivetran and dbt create later.
  database_access = {
    RAW_READ = {
      database = "RAW"
      may      = "May read everything in RAW"
      on       = { database = ["USAGE"], schemas = ["USAGE"], objects = local.read_objects }
    }
    TRANSFORM_BUILD = {
      database = "TRANSFORM"
      may      = "May create and read schemas and views in TRANSFORM"
      # dbt's unit tests create temporary tables.
      on = {
        database = ["CREATE SCHEMA", "USAGE"]
        schemas  = ["CREATE TABLE", "CREATE VIEW", "USAGE"]
        objects  = local.read_objects
      }
    }
    ANALYTICS_BUILD = {
      database = "ANALYTICS"
      may      = "May create and read schemas, tables and views in ANALYTICS"
      # Snapshots and the tables of HISTORY are changed by MERGE.
      on = {
        database = ["CREATE SCHEMA", "USAGE"]
        schemas  = ["CREATE TABLE", "CREATE VIEW", "USAGE"]
        objects  = { TABLES = ["INSERT", "SELECT", "UPDATE"], VIEWS = ["SELECT"] }
      }
    }
    ANALYTICS_READ = {
      database = "ANALYTICS"
      may      = "May read everything in ANALYTICS"
      on       = { database = ["USAGE"], schemas = ["USAGE"], objects = local.read_objects }
    }
  }

  # On some of RAW's schemas: those that Fivetran creates hold contacts' addresses and visitors'
  # comments.
  schema_access = {
    RAW_LOAD = {
      schemas = local.raw_schemas
      may     = "May fill the loaders' tables in RAW"
      on = {
        database = ["USAGE"]
        schemas  = ["CREATE STAGE", "CREATE TABLE", "USAGE"]
        tables   = ["DELETE", "INSERT", "SELECT", "UPDATE"]
      }
    }
    RAW_LOADED_READ = {
      schemas = setsubtract(local.raw_schemas, ["LOADING"])
      may     = "May read the loaders' tables in RAW"
      on      = { database = ["USAGE"], schemas = ["USAGE"], tables = ["SELECT"] }
    }
    RAW_LOADING_READ = {
      schemas = ["LOADING"]
      may     = "May read the log of loads in RAW"
      on      = { database = ["USAGE"], schemas = ["USAGE"], tables = ["SELECT"] }
    }
  }

  access_roles = merge(local.database_access, { for key, role in local.schema_access : key => merge(role, { database = "RAW" }) })
}

resource "snowflake_account_role" "access" {
  provider = snowflake.useradmin
  for_each = local.access_roles

  name    = replace(each.key, each.value.database, "${each.value.database}_${local.suffix}")
  comment = "${each.value.may}_${local.suffix}. Used by functional roles only."
}

# Snowflake ignores a database's grants on future tables in a schema that has such grants of its own,
# so RAW_READ includes the roles of single schemas:
# https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#considerations
resource "snowflake_grant_account_role" "raw_read_includes" {
  provider = snowflake.securityadmin
  for_each = toset(["RAW_LOADED_READ", "RAW_LOADING_READ"])

  role_name        = snowflake_account_role.access[each.key].name
  parent_role_name = snowflake_account_role.access["RAW_READ"].name
}
