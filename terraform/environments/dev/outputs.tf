output "public_url" {
  description = "The address of the file that the public page reads."
  value       = module.marts_stage.public_url
}

output "consent_url" {
  description = "The address that an administrator of the tenant opens once to consent to Snowflake's application."
  value       = module.marts_stage.consent_url
}

output "snowflake_application" {
  description = "The name of that application in the tenant."
  value       = module.marts_stage.snowflake_application
}

output "users" {
  description = "The service users: the logins of the Airflow connections, Fivetran and the dashboard."
  value       = module.warehouse.users
}

output "stage" {
  description = "The external stage's full name, for COPY INTO."
  value       = module.marts_stage.stage
}
