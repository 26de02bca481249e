# Used by the dashboard's cost page. Snowflake's QUERY_HISTORY holds the text of every statement of
# the account; this view has the tags and times of the pipeline's own statements, and no text. It is
# read with its owner's rights, so no role of this project reads the account's history.
# https://docs.snowflake.com/en/sql-reference/snowflake-db-roles
resource "snowflake_view" "query_history" {
  provider = snowflake.accountadmin

  database  = snowflake_database.this["ANALYTICS"].name
  schema    = "PUBLIC"
  name      = "QUERY_HISTORY"
  comment   = "Used by the dashboard: tags and times of the statements of this project, without their text."
  is_secure = "true"
  # The grants on it last when a change replaces it.
  copy_grants = true
  statement   = <<-SQL
    select
        start_time,
        query_tag,
        warehouse_name,
        execution_status,
        total_elapsed_time,
        bytes_scanned
    from snowflake.account_usage.query_history
    where startswith(query_tag, '{') and try_parse_json(query_tag):app::varchar = 'ddrc'
  SQL

  depends_on = [snowflake_grant_privileges_to_account_role.future_objects]
}
