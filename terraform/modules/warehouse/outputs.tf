output "databases" {
  description = "The databases' names by kind: RAW, TRANSFORM, ANALYTICS."
  value       = { for kind, database in snowflake_database.this : kind => database.name }
}

output "functional_roles" {
  description = "The functional roles' names by kind."
  value       = { for kind, role in snowflake_account_role.functional : kind => role.name }
}

output "warehouses" {
  description = "The warehouses' names by kind."
  value       = { for kind, warehouse in snowflake_warehouse.this : kind => warehouse.name }
}

output "users" {
  description = "The service users' names by kind: the logins of the Airflow connections, Fivetran and the dashboard."
  value       = { for kind, user in snowflake_service_user.this : kind => user.name }
}
