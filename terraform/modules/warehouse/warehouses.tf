locals {
  # longest_statement, in seconds, is above every normal statement and below its task's time limit.
  warehouses = {
    LOADING      = { comment = "Raw loads, by Airflow and Fivetran, and the comparison after a sync.", longest_statement = 900 }
    TRANSFORMING = { comment = "dbt, and the unloads after it.", longest_statement = 900 }
    REPORTING    = { comment = "The dashboard and analysts.", longest_statement = 300 }
  }
}

# Without a schedule of its own it counts from the beginning of each calendar month, as Snowflake's
# bill does; with a frequency it would count from the day of the first apply:
# https://docs.snowflake.com/en/user-guide/resource-monitors#schedule
resource "snowflake_resource_monitor" "this" {
  provider = snowflake.accountadmin

  name                      = local.suffix
  credit_quota              = var.monthly_credits
  notify_triggers           = [50, 80]
  notify_users              = var.monitor_notifies
  suspend_trigger           = 100
  suspend_immediate_trigger = 110
}

# Only ACCOUNTADMIN may assign a resource monitor to a warehouse.
resource "snowflake_warehouse" "this" {
  provider = snowflake.accountadmin
  for_each = local.warehouses

  name                                = "${each.key}_XS_${local.suffix}"
  comment                             = each.value.comment
  warehouse_size                      = "XSMALL"
  auto_suspend                        = 60
  auto_resume                         = "true"
  initially_suspended                 = true
  resource_monitor                    = snowflake_resource_monitor.this.name
  statement_timeout_in_seconds        = each.value.longest_statement
  statement_queued_timeout_in_seconds = 600
}

resource "snowflake_grant_privileges_to_account_role" "warehouse" {
  provider = snowflake.securityadmin
  for_each = local.functional_warehouses

  account_role_name = snowflake_account_role.functional[each.value.role].name
  privileges        = ["USAGE"]

  on_account_object {
    object_type = "WAREHOUSE"
    object_name = snowflake_warehouse.this[each.value.warehouse].name
  }
}

# Used by the task watch_credits, which posts to Slack what the notifications only e-mail. SHOW lists
# a monitor to roles with a privilege on it: https://docs.snowflake.com/en/sql-reference/sql/show-resource-monitors
resource "snowflake_grant_privileges_to_account_role" "resource_monitor" {
  provider = snowflake.securityadmin

  account_role_name = snowflake_account_role.functional["TRANSFORMER"].name
  privileges        = ["MONITOR"]

  on_account_object {
    object_type = "RESOURCE MONITOR"
    object_name = snowflake_resource_monitor.this.name
  }
}
