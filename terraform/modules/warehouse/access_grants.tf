# Each privilege is granted on existing and on future objects, so that new tables need no ticket. dbt
# replaces its tables, which drops the grants on them; the future grants restore those.
locals {
  schema_privileges = {
    READ    = ["USAGE"]
    CONTROL = ["CREATE FILE FORMAT", "CREATE STAGE", "CREATE TABLE", "CREATE VIEW"]
  }

  object_privileges = {
    READ      = { TABLES = ["SELECT"], VIEWS = ["SELECT"] }
    READWRITE = { TABLES = ["DELETE", "INSERT", "TRUNCATE", "UPDATE"] }
  }

  on_schemas = { for key, role in local.access_roles : key => role if contains(keys(local.schema_privileges), role.level) }

  on_objects = merge([
    for key, role in local.access_roles : {
      for kind, privileges in lookup(local.object_privileges, role.level, {}) :
      "${key}_${kind}" => merge(role, { role = key, kind = kind, privileges = privileges })
    }
  ]...)
}

resource "snowflake_grant_privileges_to_account_role" "database" {
  provider = snowflake.securityadmin
  for_each = { for key, role in local.access_roles : key => role if role.level != "READWRITE" }

  account_role_name = snowflake_account_role.access[each.key].name
  privileges        = each.value.level == "READ" ? ["USAGE"] : ["CREATE SCHEMA"]

  on_account_object {
    object_type = "DATABASE"
    object_name = each.value.database
  }
}

resource "snowflake_grant_privileges_to_account_role" "schemas" {
  provider = snowflake.securityadmin
  for_each = local.on_schemas

  account_role_name = snowflake_account_role.access[each.key].name
  privileges        = local.schema_privileges[each.value.level]

  on_schema {
    all_schemas_in_database = each.value.database
  }

  depends_on = [snowflake_schema.raw]
}

resource "snowflake_grant_privileges_to_account_role" "future_schemas" {
  provider = snowflake.securityadmin
  for_each = local.on_schemas

  account_role_name = snowflake_account_role.access[each.key].name
  privileges        = local.schema_privileges[each.value.level]

  on_schema {
    future_schemas_in_database = each.value.database
  }
}

resource "snowflake_grant_privileges_to_account_role" "objects" {
  provider = snowflake.securityadmin
  for_each = local.on_objects

  account_role_name = snowflake_account_role.access[each.value.role].name
  privileges        = each.value.privileges

  on_schema_object {
    all {
      object_type_plural = each.value.kind
      in_database        = each.value.database
    }
  }
}

resource "snowflake_grant_privileges_to_account_role" "future_objects" {
  provider = snowflake.securityadmin
  for_each = local.on_objects

  account_role_name = snowflake_account_role.access[each.value.role].name
  privileges        = each.value.privileges

  on_schema_object {
    future {
      object_type_plural = each.value.kind
      in_database        = each.value.database
    }
  }
}
