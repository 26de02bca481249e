# Used by the dashboard, through REPORTER: besides the marts it reads the log of loads and the account's
# query history. It reads nothing else in RAW, which holds data that must not be shown.
locals {
  load_log = "${snowflake_database.this["RAW"].name}_LOADING_READ"
  # Written out: the resource's own full name is unknown until an apply.
  load_log_schema = "\"${snowflake_database.this["RAW"].name}\".\"LOADING\""
}

# Used by REPORTER, and by the roles that read all of RAW.
resource "snowflake_account_role" "load_log" {
  provider = snowflake.useradmin

  name    = local.load_log
  comment = "May read the log of loads in RAW_${local.suffix}. Used by functional roles only."
}

resource "snowflake_grant_privileges_to_account_role" "load_log_database" {
  provider = snowflake.securityadmin

  account_role_name = snowflake_account_role.load_log.name
  privileges        = ["USAGE"]

  on_account_object {
    object_type = "DATABASE"
    object_name = snowflake_database.this["RAW"].name
  }
}

resource "snowflake_grant_privileges_to_account_role" "load_log_schema" {
  provider = snowflake.securityadmin

  account_role_name = snowflake_account_role.load_log.name
  privileges        = ["USAGE"]

  on_schema {
    schema_name = local.load_log_schema
  }

  depends_on = [snowflake_schema.raw]
}

resource "snowflake_grant_privileges_to_account_role" "load_log_tables" {
  provider = snowflake.securityadmin

  account_role_name = snowflake_account_role.load_log.name
  privileges        = ["SELECT"]

  on_schema_object {
    all {
      object_type_plural = "TABLES"
      in_schema          = local.load_log_schema
    }
  }

  depends_on = [snowflake_schema.raw]
}

resource "snowflake_grant_privileges_to_account_role" "load_log_future_tables" {
  provider = snowflake.securityadmin

  account_role_name = snowflake_account_role.load_log.name
  privileges        = ["SELECT"]

  on_schema_object {
    future {
      object_type_plural = "TABLES"
      in_schema          = local.load_log_schema
    }
  }

  depends_on = [snowflake_schema.raw]
}

# Snowflake ignores a database's grants on future tables in a schema that has such grants of its own,
# so RAW_READ needs the schema's role too.
resource "snowflake_grant_account_role" "load_log" {
  provider = snowflake.securityadmin
  for_each = {
    RAW_READ = snowflake_account_role.access["RAW_READ"].name
    REPORTER = snowflake_account_role.functional["REPORTER"].name
  }

  role_name        = snowflake_account_role.load_log.name
  parent_role_name = each.value
}

# QUERY_HISTORY covers the whole account, with the text of every statement; no smaller role includes
# it.
resource "snowflake_grant_database_role" "query_history" {
  provider = snowflake.accountadmin

  database_role_name = "\"SNOWFLAKE\".\"GOVERNANCE_VIEWER\""
  parent_role_name   = snowflake_account_role.functional["REPORTER"].name
}
