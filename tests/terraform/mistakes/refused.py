"""Mistakes that Terraform itself refuses."""

from tests.terraform.mistakes.mistake import DEV, STAGE, WAREHOUSE, Mistake

REFUSED_BY_TERRAFORM = [
    Mistake(
        "an attribute that does not exist",
        f"{WAREHOUSE}/warehouses.tf",
        "auto_suspend  ",
        "autosuspend   ",
        "Unsupported argument",
    ),
    Mistake(
        "a resource that does not exist",
        f"{WAREHOUSE}/users.tf",
        '"snowflake_service_user"',
        '"snowflake_robot_user"',
        "Invalid resource type",
    ),
    Mistake(
        "a user with a password",
        f"{WAREHOUSE}/users.tf",
        "  rsa_public_key_2  = var.public_keys[each.key].next\n",
        "  password = each.key\n",
        "Unsupported argument",
    ),
    Mistake(
        "a grant of ownership of what is made later",
        f"{WAREHOUSE}/access_grants.tf",
        'resource "snowflake_grant_privileges_to_account_role" "future_tables"',
        'resource "snowflake_grant_ownership" "future_tables"',
        "Invalid resource type",
    ),
    Mistake(
        "a required attribute left out",
        f"{STAGE}/stage.tf",
        "  azure_tenant_id           = var.tenant_id\n",
        "",
        "Missing required argument",
    ),
    Mistake(
        "a value of another type",
        f"{WAREHOUSE}/warehouses.tf",
        "notify_triggers           = [50, 80]",
        'notify_triggers           = ["soon"]',
        "Incorrect attribute value type",
    ),
    Mistake(
        "an attribute that only the provider may set",
        f"{WAREHOUSE}/databases.tf",
        "  comment                     = each.value\n",
        '  comment = each.value\n  fully_qualified_name = "RAW"\n',
        "fully_qualified_name",
    ),
    Mistake(
        "a block given twice",
        f"{STAGE}/stage.tf",
        "  file_format {",
        "  file_format {\n  }\n  file_format {",
        "Too many file_format blocks",
    ),
    Mistake(
        "a reference to nothing",
        f"{WAREHOUSE}/outputs.tf",
        "snowflake_database.this :",
        "snowflake_database.those :",
        "Reference to undeclared resource",
    ),
    Mistake(
        "a provider that is not passed on",
        f"{DEV}/main.tf",
        "    snowflake.useradmin     = snowflake.useradmin\n",
        "",
        "Missing required provider configuration",
    ),
    Mistake(
        "resources that wait for each other",
        f"{WAREHOUSE}/warehouses.tf",
        "notify_users              = var.monitor_notifies",
        'notify_users = [snowflake_warehouse.this["LOADING"].comment]',
        "Cycle",
    ),
]
