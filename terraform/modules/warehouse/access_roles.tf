# One role for each database and level of access. Used by functional roles only; no person or service
# has one.
locals {
  access_levels = {
    READ      = "May read"
    READWRITE = "May read, and change the rows of,"
    CONTROL   = "May read, change and create"
  }

  access_roles = merge([
    for database, _ in local.databases : {
      for level, may in local.access_levels : "${database}_${level}" => {
        database = snowflake_database.this[database].name
        level    = level
        comment  = "${may} everything in ${database}_${local.suffix}. Used by functional roles only."
      }
    }
  ]...)

  # Each level includes the one below it.
  next_level = { READ = "READWRITE", READWRITE = "CONTROL" }
}

resource "snowflake_account_role" "access" {
  provider = snowflake.useradmin
  for_each = local.access_roles

  name    = "${each.value.database}_${each.value.level}"
  comment = each.value.comment
}

resource "snowflake_grant_account_role" "level_to_next" {
  provider = snowflake.securityadmin
  for_each = { for key, role in local.access_roles : key => role if contains(keys(local.next_level), role.level) }

  role_name        = snowflake_account_role.access[each.key].name
  parent_role_name = "${each.value.database}_${local.next_level[each.value.level]}"

  depends_on = [snowflake_account_role.access]
}
