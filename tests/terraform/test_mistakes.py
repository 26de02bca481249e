"""The checks of Terraform can fail: the right check reports each deliberate mistake."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terraform.policies import check_policies
from tests.terraform.role_reach import ALLOWED, role_privileges
from tests.terraform.running import Terraform, copy_configuration

ROOT = "environments/dev"
WAREHOUSE, STAGE = "modules/warehouse", "modules/marts_stage"


@dataclass(frozen=True)
class Mistake:
    """One replacement in a copy of the configuration, and the report that it must cause.

    Attributes:
        name: The mistake, in words.
        file: The file, within `terraform/`.
        right: The text that the file has.
        wrong: The text that replaces it.
        report: A part of the expected message, or the role whose privileges must differ.
    """

    name: str
    file: str
    right: str
    wrong: str
    report: str


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
        f"{ROOT}/main.tf",
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

POLICY_VIOLATIONS = [
    Mistake(
        "sessions in local time",
        f"{WAREHOUSE}/users.tf",
        '  timezone = "UTC"\n',
        "",
        "not UTC",
    ),
    Mistake(
        "a privilege that does not exist",
        f"{WAREHOUSE}/access_roles.tf",
        'TABLES = ["SELECT"], VIEWS',
        'TABLES = ["READ"], VIEWS',
        "cannot be granted",
    ),
    Mistake(
        "a grant on two objects",
        f"{WAREHOUSE}/warehouses.tf",
        "  on_account_object {",
        '  on_schema {\n    schema_name = "A"\n  }\n\n  on_account_object {',
        "exactly one object",
    ),
    Mistake(
        "a grant on nothing",
        f"{STAGE}/stage.tf",
        '\n  on_account_object {\n    object_type = "INTEGRATION"\n'
        "    object_name = snowflake_storage_integration_azure.this.name\n  }\n",
        "",
        "exactly one object",
    ),
    Mistake(
        "a role without its user in the comment",
        f"{WAREHOUSE}/functional_roles.tf",
        "Used by analysts",
        "For analysts",
        "who uses it",
    ),
    Mistake(
        "a view with the statements' text",
        f"{WAREHOUSE}/dashboard.tf",
        "        query_tag,\n",
        "        query_text,\n        query_tag,\n",
        "shows ['query_text']",
    ),
    Mistake(
        "a view with other applications' statements",
        f"{WAREHOUSE}/dashboard.tf",
        " and try_parse_json(query_tag):app::varchar = 'ddrc'",
        "",
        "other applications",
    ),
    Mistake(
        "a view that is not secure",
        f"{WAREHOUSE}/dashboard.tf",
        'is_secure = "true"',
        'is_secure = "false"',
        "is not secure",
    ),
    Mistake(
        "a user who may unload to its own stage",
        f"{WAREHOUSE}/users.tf",
        "  prevent_unload_to_internal_stages = true\n",
        "",
        "a stage of its own",
    ),
    Mistake(
        "a second public container",
        f"{STAGE}/containers.tf",
        '"versions"       = "private"',
        '"versions"       = "container"',
        "not private",
    ),
    Mistake(
        "shared keys without a named user",
        f"{STAGE}/storage.tf",
        'var.shared_key_user != ""',
        "true",
        "has shared keys",
    ),
    Mistake(
        "a warehouse that never suspends itself",
        f"{WAREHOUSE}/warehouses.tf",
        "= 60\n",
        "= 0\n",
        "does not suspend itself",
    ),
    Mistake(
        "a monitor that counts from the day of the apply",
        f"{WAREHOUSE}/warehouses.tf",
        "  credit_quota ",
        '  frequency = "MONTHLY"\n  start_timestamp = "IMMEDIATELY"\n  credit_quota ',
        "calendar months",
    ),
    Mistake(
        "a monitor that warns when it is too late",
        f"{WAREHOUSE}/warehouses.tf",
        "notify_triggers           = [50, 80]",
        "notify_triggers           = [100]",
        "warns at [100]",
    ),
    Mistake(
        "an Azure role with every permission",
        f"{STAGE}/access.tf",
        'writer = "Storage Blob Data Contributor"',
        'writer = "Owner"',
        "grants Owner",
    ),
]

EXCESS_PRIVILEGES = [
    Mistake(
        "a reader that builds",
        f"{WAREHOUSE}/functional_roles.tf",
        '["ANALYTICS_READ", "RAW_LOADED_READ"',
        '["ANALYTICS_BUILD", "RAW_LOADED_READ"',
        "READER",
    ),
    Mistake(
        "a reader of contacts",
        f"{WAREHOUSE}/functional_roles.tf",
        '["ANALYTICS_READ", "RAW_LOADED_READ"',
        '["ANALYTICS_READ", "RAW_READ"',
        "READER",
    ),
    Mistake(
        "a reader of visitors' comments in staging",
        f"{WAREHOUSE}/functional_roles.tf",
        '["ANALYTICS_READ", "RAW_LOADED_READ"',
        '["ANALYTICS_READ", "TRANSFORM_BUILD", "RAW_LOADED_READ"',
        "READER",
    ),
    Mistake(
        "a loader that makes views",
        f"{WAREHOUSE}/access_roles.tf",
        '["CREATE STAGE", "CREATE TABLE", "USAGE"]',
        '["CREATE STAGE", "CREATE TABLE", "CREATE VIEW", "USAGE"]',
        "LOADER",
    ),
    Mistake(
        "a loader that writes to Fivetran's schemas",
        f"{WAREHOUSE}/access_grants.tf",
        "in_schema          = each.value.schema",
        'in_database        = snowflake_database.this["RAW"].name',
        "LOADER",
    ),
    Mistake(
        "a transformer that makes stages",
        f"{WAREHOUSE}/access_roles.tf",
        '["CREATE TABLE", "CREATE VIEW", "USAGE"]',
        '["CREATE STAGE", "CREATE TABLE", "CREATE VIEW", "USAGE"]',
        "TRANSFORMER",
    ),
    Mistake(
        "a reporter that reads all of RAW",
        f"{WAREHOUSE}/functional_roles.tf",
        'access  = ["ANALYTICS_READ"]',
        'access  = ["ANALYTICS_READ", "RAW_READ"]',
        "REPORTER",
    ),
    Mistake(
        "a transformer that cannot compare where Fivetran has worked",
        f"{WAREHOUSE}/functional_roles.tf",
        '["TRANSFORMING", "LOADING"]',
        '["TRANSFORMING"]',
        "TRANSFORMER",
    ),
    Mistake(
        "a reporter that wakes a warehouse of its own",
        f"{WAREHOUSE}/functional_roles.tf",
        'warehouses = ["TRANSFORMING"]',
        'warehouses = ["REPORTING"]',
        "REPORTER",
    ),
    Mistake(
        "a watch that changes the credit quota",
        f"{WAREHOUSE}/warehouses.tf",
        'privileges        = ["MONITOR"]',
        'privileges        = ["MODIFY", "MONITOR"]',
        "TRANSFORMER",
    ),
    Mistake(
        "a loader that makes schemas",
        f"{WAREHOUSE}/access_roles.tf",
        '        database = ["USAGE"]',
        '        database = ["CREATE SCHEMA", "USAGE"]',
        "LOADER",
    ),
    Mistake(
        "a dashboard that unloads",
        f"{STAGE}/stage.tf",
        "account_role_name = var.reporter_role",
        'account_role_name = "DASHBOARD_${local.suffix}"',
        "DASHBOARD",
    ),
    Mistake(
        "released files that another role reads",
        f"{STAGE}/released.tf",
        "account_role_name = var.transformer_role",
        "account_role_name = var.reporter_role",
        "TRANSFORMER",
    ),
    Mistake(
        "a log of loads that grants the whole of RAW",
        f"{WAREHOUSE}/access_roles.tf",
        'schemas = ["LOADING"]',
        "schemas = local.raw_schemas",
        "DASHBOARD",
    ),
    Mistake(
        "a role for everything in RAW without the schemas that have grants of their own",
        f"{WAREHOUSE}/access_roles.tf",
        'toset(["RAW_LOADED_READ", "RAW_LOADING_READ"])',
        'toset(["RAW_LOADING_READ"])',
        "TRANSFORMER",
    ),
    Mistake(
        "a Fivetran role that reads the loaders' tables",
        f"{WAREHOUSE}/functional_roles.tf",
        "access     = []",
        'access     = ["RAW_READ"]',
        "FIVETRAN",
    ),
]


def copy_with(mistake: Mistake, terraform: Terraform, folder: Path) -> Terraform:
    """A copy of the configuration with the mistake in it."""
    wrong = Terraform(copy_configuration(folder / "copy"), terraform.environment)
    file = wrong.folder / mistake.file
    before = file.read_text()
    assert before.count(mistake.right) >= 1, (
        "the file no longer has the text that the mistake replaces"
    )
    file.write_text(before.replace(mistake.right, mistake.wrong, 1))
    return wrong


@pytest.mark.parametrize("mistake", REFUSED_BY_TERRAFORM, ids=lambda mistake: mistake.name)
def test_terraform_refuses(mistake: Mistake, terraform: Terraform, tmp_path: Path) -> None:
    wrong = copy_with(mistake, terraform, tmp_path)
    done = wrong.run(ROOT, "init", "-backend=false", "-input=false", "-no-color")
    output = done.stdout + done.stderr

    if done.returncode == 0:
        output = "\n".join(wrong.validate(ROOT))

    assert mistake.report in output


@pytest.mark.parametrize("mistake", POLICY_VIOLATIONS, ids=lambda mistake: mistake.name)
def test_a_policy_refuses(mistake: Mistake, terraform: Terraform, tmp_path: Path) -> None:
    wrong = copy_with(mistake, terraform, tmp_path)
    wrong.init(ROOT)

    assert mistake.report in "\n".join(check_policies(wrong.plan(ROOT)))


@pytest.mark.parametrize("mistake", EXCESS_PRIVILEGES, ids=lambda mistake: mistake.name)
def test_a_role_with_other_privileges_is_found(
    mistake: Mistake, terraform: Terraform, tmp_path: Path
) -> None:
    wrong = copy_with(mistake, terraform, tmp_path)
    wrong.init(ROOT)
    planned = wrong.plan(ROOT)

    assert role_privileges(planned, mistake.report, "DDRC_DEV") != ALLOWED[mistake.report]


def test_terraforms_own_tests_refuse_a_wider_location(terraform: Terraform, tmp_path: Path) -> None:
    wider = Mistake("", f"{STAGE}/stage.tf", "[local.stage_location, ", '["azure://*", ', "")
    wrong = copy_with(wider, terraform, tmp_path)
    wrong.init(STAGE)

    done = wrong.run(STAGE, "test", "-no-color")

    assert done.returncode == 1
    assert "exactly the stages' locations" in done.stderr


def test_a_badly_formatted_file_is_found(terraform: Terraform, tmp_path: Path) -> None:
    wrong = Terraform(copy_configuration(tmp_path / "copy"), terraform.environment)
    file = wrong.folder / ROOT / "values.tf"
    file.write_text(file.read_text().replace("  location ", "location "))

    assert wrong.run(".", "fmt", "-check", "-recursive").returncode != 0


@pytest.mark.parametrize(
    ("variable", "value", "report"),
    [
        ("storage_account", "Not-A-Name", "lower-case letters and digits"),
        ("subscription_id", "not-a-uuid", "is a UUID"),
        ("page_origins", ["http://example.org"], "An origin is"),
        ("public_keys", {"FIVETRAN": {"current": "MIIB"}}, "public_keys needs"),
        ("allowed_addresses", ["anywhere"], "IPv4 address or range"),
    ],
)
def test_a_mistyped_value_is_refused_with_its_variables_name(
    variable: str, value: object, report: str, terraform: Terraform, tmp_path: Path
) -> None:
    copy = Terraform(copy_configuration(tmp_path / "copy"), terraform.environment)
    copy.init(ROOT)

    with pytest.raises(ValueError, match=report):
        copy.plan(ROOT, **{variable: value})
