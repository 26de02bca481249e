"""Mistakes that only the golden plan shows: another value could be right."""

from tests.terraform.mistakes.mistake import DEV, STAGE, WAREHOUSE, Mistake

GOLDEN_ONLY = [
    Mistake(
        "another region",
        f"{DEV}/values.tf",
        '"westus2"',
        '"eastus"',
        'azurerm_storage_account.this: location = "eastus"',
    ),
    Mistake(
        "a container's page that waits longer for a change",
        f"{STAGE}/storage.tf",
        "max_age_in_seconds = 3600",
        "max_age_in_seconds = 86400",
        "cors_rule.max_age_in_seconds = 86400",
    ),
    Mistake(
        "outputs mixed up",
        f"{STAGE}/outputs.tf",
        "describe_output).consent_url",
        "describe_output).multi_tenant_app_name",
        "+output.consent_url: value",
    ),
    Mistake(
        "another public address in the outputs",
        f"{STAGE}/outputs.tf",
        "/ddrc-metrics.json",
        "/metrics.json",
        "+output.public_url: value",
    ),
    Mistake(
        "a comment that says something else",
        f"{WAREHOUSE}/functional_roles.tf",
        "no contacts, no visitors' comments",
        "contacts and comments too",
        "contacts and comments too",
    ),
    Mistake(
        "a name in place of a reference, so that an apply has no order",
        f"{STAGE}/stage.tf",
        "object_name = snowflake_storage_integration_azure.this.name",
        'object_name = "AZURE_${local.suffix}"',
        "-modules/marts_stage/stage.tf resource.snowflake_grant_privileges_to_account_role"
        ".integration: on_account_object.object_name refers to",
    ),
    Mistake(
        "a stage that is made before it may be",
        f"{STAGE}/released.tf",
        "  depends_on = [snowflake_grant_privileges_to_account_role.integration]\n",
        "",
        "snowflake_stage_external_azure.released: depends_on",
    ),
    Mistake(
        "other tags",
        f"{DEV}/main.tf",
        'project = "ddrc"',
        'project = "other"',
        "tags.project",
    ),
    Mistake(
        "a default that lets Terraform log in otherwise",
        f"{DEV}/variables.tf",
        'default     = "SNOWFLAKE_JWT"',
        'default     = "WORKLOAD_IDENTITY"',
        'variable.snowflake_authenticator: default = "WORKLOAD_IDENTITY"',
    ),
    Mistake(
        "a looser limit of a variable",
        f"{STAGE}/variables.tf",
        "var.candidate_days >= 7",
        "var.candidate_days >= 0",
        "variable.candidate_days: validation.condition",
    ),
]
