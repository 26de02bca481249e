output "public_url" {
  description = "The address of the file that the public page reads."
  value       = module.marts_stage.public_url
}

output "consent_url" {
  description = "An administrator of the tenant opens it once and lets Snowflake's application in."
  value       = module.marts_stage.consent_url
}

output "snowflake_application" {
  description = "The name under which that application is found in the tenant."
  value       = module.marts_stage.snowflake_application
}

output "users" {
  description = "The service users: the logins of the Airflow connections and of Fivetran."
  value       = module.warehouse.users
}

output "stage" {
  description = "The external stage, as COPY INTO names it."
  value       = module.marts_stage.stage
}
