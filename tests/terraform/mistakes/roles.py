"""Mistakes with roles and grants, which policies refuse."""

from tests.terraform.mistakes.mistake import STAGE, WAREHOUSE, Mistake

ROLES_AND_GRANTS = [
    Mistake(
        "a role opened to PUBLIC",
        f"{WAREHOUSE}/functional_roles.tf",
        'parent_role_name = "SYSADMIN"',
        'parent_role_name = each.key == "READER" ? "PUBLIC" : "SYSADMIN"',
        "grants READER_DDRC_DEV to PUBLIC",
    ),
    Mistake(
        "a service user that is an account administrator",
        f"{WAREHOUSE}/users.tf",
        "  role_name = snowflake_account_role.functional[each.value.role].name\n",
        '  role_name = each.key == "DASHBOARD" ? "ACCOUNTADMIN" : '
        "snowflake_account_role.functional[each.value.role].name\n",
        "grants ACCOUNTADMIN, which is not a role of this project",
        hides="the user's role",
    ),
    Mistake(
        "a service user with another's role",
        f"{WAREHOUSE}/users.tf",
        'role = "DASHBOARD"',
        'role = "READER"',
        "the user DASHBOARD_DDRC_DEV holds READER_DDRC_DEV",
        hides="the user's role",
    ),
    Mistake(
        "an access role given to administrators",
        f"{WAREHOUSE}/access_roles.tf",
        'parent_role_name = snowflake_account_role.access["RAW_READ"].name',
        'parent_role_name = "SYSADMIN"',
        "to SYSADMIN, though it is not a functional role",
    ),
    Mistake(
        "roles that administrators do not hold",
        f"{WAREHOUSE}/functional_roles.tf",
        'resource "snowflake_grant_account_role" "functional_to_sysadmin"',
        None,
        "SYSADMIN does not hold FIVETRAN",
    ),
    Mistake(
        "a functional role that holds another",
        f"{WAREHOUSE}/functional_roles.tf",
        "  role_name        = snowflake_account_role.access[each.value.access].name\n",
        '  role_name = each.key == "READER_ANALYTICS_READ" ? snowflake_account_role.functional'
        '["LOADER"].name : snowflake_account_role.access[each.value.access].name\n',
        "READER_DDRC_DEV holds LOADER_DDRC_DEV",
    ),
    Mistake(
        "a privilege for everybody",
        f"{WAREHOUSE}/warehouses.tf",
        "account_role_name = snowflake_account_role.functional[each.value.role].name",
        'account_role_name = "PUBLIC"',
        'snowflake_grant_privileges_to_account_role.warehouse["DASHBOARD_REPORTING"]: is to PUBLIC',
    ),
    Mistake(
        "an integration that all administrators use",
        f"{STAGE}/stage.tf",
        'account_role_name = "SYSADMIN"',
        'account_role_name = "ACCOUNTADMIN"',
        "is to ACCOUNTADMIN",
    ),
    Mistake(
        "ownership of future tables",
        f"{WAREHOUSE}/access_grants.tf",
        'resource "snowflake_grant_privileges_to_account_role" "future_tables" {\n'
        "  provider = snowflake.securityadmin\n  for_each = local.schema_grants\n\n"
        "  account_role_name = snowflake_account_role.access[each.value.role].name\n"
        "  privileges        = each.value.tables",
        'resource "snowflake_grant_privileges_to_account_role" "future_tables" {\n'
        "  provider = snowflake.securityadmin\n  for_each = local.schema_grants\n\n"
        "  account_role_name = snowflake_account_role.access[each.value.role].name\n"
        '  privileges        = ["OWNERSHIP"]',
        "['OWNERSHIP'] cannot be granted",
    ),
    Mistake(
        "a privilege that does not exist",
        f"{WAREHOUSE}/access_roles.tf",
        'TABLES = ["SELECT"], VIEWS',
        'TABLES = ["READ"], VIEWS',
        "['READ'] cannot be granted",
    ),
    Mistake(
        "every privilege",
        f"{WAREHOUSE}/functional_roles.tf",
        'privileges        = ["CREATE SCHEMA", "MONITOR", "USAGE"]',
        "all_privileges = true",
        "fivetran_schemas: does not list its privileges",
    ),
    Mistake(
        "a privilege that can be granted on",
        f"{STAGE}/released.tf",
        'privileges        = ["USAGE"]',
        'privileges = ["USAGE"]\n  with_grant_option = true',
        "can be granted on to others",
    ),
    Mistake(
        "a grant on two objects",
        f"{WAREHOUSE}/warehouses.tf",
        '  on_account_object {\n    object_type = "RESOURCE MONITOR"',
        '  on_schema {\n    schema_name = "A"\n  }\n\n'
        '  on_account_object {\n    object_type = "RESOURCE MONITOR"',
        "resource_monitor: has ['on_account_object', 'on_schema']",
    ),
    Mistake(
        "a grant on the whole account",
        f"{STAGE}/stage.tf",
        '  on_schema_object {\n    object_type = "STAGE"',
        '  on_account = true\n\n  on_schema_object {\n    object_type = "STAGE"',
        "grant_privileges_to_account_role.stage: has ['on_schema_object', 'on_account']",
    ),
    Mistake(
        "a grant on two kinds of schemas",
        f"{WAREHOUSE}/access_grants.tf",
        "    schema_name = each.value.schema\n",
        "    schema_name = each.value.schema\n"
        '    future_schemas_in_database = snowflake_database.this["RAW"].name\n',
        "does not name exactly one kind of schemas",
    ),
    Mistake(
        "a grant on every stage",
        f"{WAREHOUSE}/access_grants.tf",
        '      object_type_plural = "TABLES"\n',
        '      object_type_plural = "STAGES"\n',
        "is on STAGES",
    ),
    Mistake(
        "a grant on nothing",
        f"{STAGE}/stage.tf",
        '\n  on_account_object {\n    object_type = "INTEGRATION"\n'
        "    object_name = snowflake_storage_integration_azure.this.name\n  }\n",
        "",
        "integration: has no on_ block",
    ),
    Mistake(
        "no use of future schemas",
        f"{WAREHOUSE}/access_grants.tf",
        'resource "snowflake_grant_privileges_to_account_role" "future_schemas"',
        None,
        'schemas["RAW_READ"]: there is no such grant on future objects',
    ),
    Mistake(
        "no grant on future tables of the loaders",
        f"{WAREHOUSE}/access_grants.tf",
        'resource "snowflake_grant_privileges_to_account_role" "future_tables"',
        None,
        'tables["RAW_LOAD_LOADING"]: there is no such grant on future objects',
    ),
    Mistake(
        "future grants without their tables of today",
        f"{WAREHOUSE}/access_grants.tf",
        'resource "snowflake_grant_privileges_to_account_role" "objects"',
        None,
        "there is no such grant on existing objects",
    ),
    Mistake(
        "tables of a database that cannot be entered",
        f"{WAREHOUSE}/access_roles.tf",
        'may      = "May read everything in ANALYTICS"\n      on       = { database = ["USAGE"]',
        'may      = "May read everything in ANALYTICS"\n      on       = { database = ["MONITOR"]',
        "ANALYTICS_DDRC_DEV_READ has no USAGE on DATABASE ANALYTICS_DDRC_DEV",
    ),
    Mistake(
        "a role without its user in the comment",
        f"{WAREHOUSE}/functional_roles.tf",
        "Used by analysts",
        "For analysts",
        "who uses it",
    ),
    Mistake(
        "a database without a comment",
        f"{WAREHOUSE}/databases.tf",
        "  comment                     = each.value\n",
        "",
        "its comment is not a sentence",
    ),
    Mistake(
        "databases that an account administrator owns",
        f"{WAREHOUSE}/databases.tf",
        "provider = snowflake.sysadmin\n  for_each = local.databases",
        "provider = snowflake.accountadmin\n  for_each = local.databases",
        "is made by snowflake.accountadmin",
    ),
]
