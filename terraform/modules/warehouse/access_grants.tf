# Each privilege is granted on existing and on future objects, so that new tables need no ticket. dbt
# replaces its tables, which drops the grants on them; the future grants restore those.
locals {
  database_objects = merge([
    for key, role in local.database_access : {
      for kind, privileges in role.on.objects :
      "${key}_${kind}" => { role = key, database = role.database, kind = kind, privileges = privileges }
    }
  ]...)

  # The full names are written out: a resource's own is unknown until an apply.
  schema_grants = merge([
    for key, role in local.schema_access : {
      for schema in role.schemas :
      "${key}_${schema}" => merge(role.on, { role = key, schema = "\"${snowflake_database.this["RAW"].name}\".\"${schema}\"" })
    }
  ]...)
}

resource "snowflake_grant_privileges_to_account_role" "database" {
  provider = snowflake.securityadmin
  for_each = local.access_roles

  account_role_name = snowflake_account_role.access[each.key].name
  privileges        = each.value.on.database

  on_account_object {
    object_type = "DATABASE"
    object_name = snowflake_database.this[each.value.database].name
  }
}

resource "snowflake_grant_privileges_to_account_role" "schemas" {
  provider = snowflake.securityadmin
  for_each = local.database_access

  account_role_name = snowflake_account_role.access[each.key].name
  privileges        = each.value.on.schemas

  on_schema {
    all_schemas_in_database = snowflake_database.this[each.value.database].name
  }

  depends_on = [snowflake_schema.raw]
}

resource "snowflake_grant_privileges_to_account_role" "future_schemas" {
  provider = snowflake.securityadmin
  for_each = local.database_access

  account_role_name = snowflake_account_role.access[each.key].name
  privileges        = each.value.on.schemas

  on_schema {
    future_schemas_in_database = snowflake_database.this[each.value.database].name
  }
}

resource "snowflake_grant_privileges_to_account_role" "objects" {
  provider = snowflake.securityadmin
  for_each = local.database_objects

  account_role_name = snowflake_account_role.access[each.value.role].name
  privileges        = each.value.privileges

  on_schema_object {
    all {
      object_type_plural = each.value.kind
      in_database        = snowflake_database.this[each.value.database].name
    }
  }
}

resource "snowflake_grant_privileges_to_account_role" "future_objects" {
  provider = snowflake.securityadmin
  for_each = local.database_objects

  account_role_name = snowflake_account_role.access[each.value.role].name
  privileges        = each.value.privileges

  on_schema_object {
    future {
      object_type_plural = each.value.kind
      in_database        = snowflake_database.this[each.value.database].name
    }
  }
}

resource "snowflake_grant_privileges_to_account_role" "named_schemas" {
  provider = snowflake.securityadmin
  for_each = local.schema_grants

  account_role_name = snowflake_account_role.access[each.value.role].name
  privileges        = each.value.schemas

  on_schema {
    schema_name = each.value.schema
  }

  depends_on = [snowflake_schema.raw]
}

resource "snowflake_grant_privileges_to_account_role" "tables" {
  provider = snowflake.securityadmin
  for_each = local.schema_grants

  account_role_name = snowflake_account_role.access[each.value.role].name
  privileges        = each.value.tables

  on_schema_object {
    all {
      object_type_plural = "TABLES"
      in_schema          = each.value.schema
    }
  }

  depends_on = [snowflake_schema.raw]
}

resource "snowflake_grant_privileges_to_account_role" "future_tables" {
  provider = snowflake.securityadmin
  for_each = local.schema_grants

  account_role_name = snowflake_account_role.access[each.value.role].name
  privileges        = each.value.tables

  on_schema_object {
    future {
      object_type_plural = "TABLES"
      in_schema          = each.value.schema
    }
  }

  depends_on = [snowflake_schema.raw]
}
