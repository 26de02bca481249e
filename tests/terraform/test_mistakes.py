"""The checks of Terraform can fail: each deliberate mistake is caught, and by the right one."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terraform.policies import findings
from tests.terraform.role_reach import ALLOWED, reach
from tests.terraform.running import Terraform, copied

ROOT = "environments/dev"
WAREHOUSE, STAGE = "modules/warehouse", "modules/marts_stage"


@dataclass(frozen=True)
class Mistake:
    """In `file`, `right` is replaced by `wrong`; `told` is part of what has to be said."""

    name: str
    file: str
    right: str
    wrong: str
    told: str


INVALID = [
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
        "an attribute that is the provider's to say",
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
        'frequency                 = "MONTHLY"',
        'frequency = snowflake_warehouse.this["LOADING"].comment',
        "Cycle",
    ),
]

UNSOUND = [
    Mistake(
        "a privilege that does not exist",
        f"{WAREHOUSE}/access_grants.tf",
        '["SELECT"], VIEWS',
        '["READ"], VIEWS',
        "is no privilege",
    ),
    Mistake(
        "a grant on two things",
        f"{WAREHOUSE}/warehouses.tf",
        "  on_account_object {",
        '  on_schema {\n    schema_name = "A"\n  }\n\n  on_account_object {',
        "exactly one thing",
    ),
    Mistake(
        "a grant on nothing",
        f"{STAGE}/stage.tf",
        '\n  on_account_object {\n    object_type = "INTEGRATION"\n'
        "    object_name = snowflake_storage_integration_azure.this.name\n  }\n",
        "",
        "exactly one thing",
    ),
    Mistake(
        "a role that says not whose it is",
        f"{WAREHOUSE}/functional_roles.tf",
        "Used by analysts",
        "For analysts",
        "who uses it",
    ),
    Mistake(
        "a database role for a role and a share",
        f"{WAREHOUSE}/dashboard.tf",
        '  database_role_name = "',
        '  share_name         = "A"\n  database_role_name = "',
        "one account role",
    ),
    Mistake(
        "a second public container",
        f"{STAGE}/containers.tf",
        '"versions"       = "private"',
        '"versions"       = "container"',
        "should be private",
    ),
    Mistake(
        "shared keys for nobody in particular",
        f"{STAGE}/storage.tf",
        'var.shared_key_user != ""',
        "true",
        "has shared keys",
    ),
    Mistake(
        "a warehouse that never sleeps",
        f"{WAREHOUSE}/warehouses.tf",
        "= 60\n",
        "= 0\n",
        "does not suspend itself",
    ),
    Mistake(
        "an Azure role that may do everything",
        f"{STAGE}/access.tf",
        'writer = "Storage Blob Data Contributor"',
        'writer = "Owner"',
        "gives Owner",
    ),
]

TOO_MUCH = [
    Mistake(
        "a reader that writes",
        f"{WAREHOUSE}/functional_roles.tf",
        '["RAW_READ", "TRANSFORM_READ", "ANALYTICS_READ"]',
        '["RAW_READ", "TRANSFORM_READ", "ANALYTICS_READWRITE"]',
        "READER",
    ),
    Mistake(
        "a reporter that reads all of RAW",
        f"{WAREHOUSE}/functional_roles.tf",
        'access    = ["ANALYTICS_READ"]',
        'access    = ["ANALYTICS_READ", "RAW_READ"]',
        "REPORTER",
    ),
    Mistake(
        "a log of loads that grants the whole of RAW",
        f"{WAREHOUSE}/dashboard.tf",
        "in_schema          = local.load_log_schema",
        'in_database        = snowflake_database.this["RAW"].name',
        "REPORTER",
    ),
    Mistake(
        "a Fivetran that reads what the loaders loaded",
        f"{WAREHOUSE}/functional_roles.tf",
        "access    = []",
        'access    = ["RAW_READ"]',
        "FIVETRAN",
    ),
    Mistake(
        "a level that holds the one above it",
        f"{WAREHOUSE}/access_roles.tf",
        '{ READ = "READWRITE", READWRITE = "CONTROL" }',
        '{ CONTROL = "READ", READ = "CONTROL" }',
        "REPORTER",
    ),
]


def made(mistake: Mistake, terraform: Terraform, folder: Path) -> Terraform:
    """A copy with the mistake in it, ready."""
    wrong = Terraform(copied(folder / "copy"), terraform.environment)
    file = wrong.folder / mistake.file
    before = file.read_text()
    assert before.count(mistake.right) >= 1, "the mistake is made in what stands there today"
    file.write_text(before.replace(mistake.right, mistake.wrong, 1))
    return wrong


@pytest.mark.parametrize("mistake", INVALID, ids=lambda one: one.name)
def test_terraform_refuses(mistake: Mistake, terraform: Terraform, tmp_path: Path) -> None:
    wrong = made(mistake, terraform, tmp_path)
    begun = wrong.run(ROOT, "init", "-backend=false", "-input=false", "-no-color")
    said = begun.stdout + begun.stderr

    if begun.returncode == 0:
        said = "\n".join(wrong.problems(ROOT))

    assert mistake.told in said


@pytest.mark.parametrize("mistake", UNSOUND, ids=lambda one: one.name)
def test_a_policy_refuses(mistake: Mistake, terraform: Terraform, tmp_path: Path) -> None:
    wrong = made(mistake, terraform, tmp_path)
    wrong.init(ROOT)

    assert mistake.told in "\n".join(findings(wrong.plan(ROOT)))


@pytest.mark.parametrize("mistake", TOO_MUCH, ids=lambda one: one.name)
def test_what_a_role_can_do_is_compared(
    mistake: Mistake, terraform: Terraform, tmp_path: Path
) -> None:
    wrong = made(mistake, terraform, tmp_path)
    wrong.init(ROOT)
    planned = wrong.plan(ROOT)

    assert reach(planned, mistake.told, "DDRC_DEV") != ALLOWED[mistake.told]


def test_terraforms_own_tests_refuse_a_wider_location(terraform: Terraform, tmp_path: Path) -> None:
    wider = Mistake("", f"{STAGE}/stage.tf", "[local.stage_location]", '["azure://*"]', "")
    wrong = made(wider, terraform, tmp_path)
    wrong.init(STAGE)

    done = wrong.run(STAGE, "test", "-no-color")

    assert done.returncode == 1
    assert "exactly the place that the stage is at" in done.stderr


def test_a_badly_formatted_file_is_found(terraform: Terraform, tmp_path: Path) -> None:
    wrong = Terraform(copied(tmp_path / "copy"), terraform.environment)
    file = wrong.folder / ROOT / "values.tf"
    file.write_text(file.read_text().replace("  location ", "location "))

    assert wrong.run(".", "fmt", "-check", "-recursive").returncode != 0


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("storage_account", "Not-A-Name", "lower-case letters and digits"),
        ("subscription_id", "ours", "is a UUID"),
        ("page_origins", ["http://example.org"], "An origin is"),
        ("public_keys", {"FIVETRAN": {"current": "MIIB"}}, "public_keys needs"),
        ("allowed_addresses", ["anywhere"], "IPv4 address or range"),
    ],
)
def test_a_value_that_a_person_mistyped_is_refused_by_name(
    variable: str, value: object, told: str, terraform: Terraform, tmp_path: Path
) -> None:
    copy = Terraform(copied(tmp_path / "copy"), terraform.environment)
    copy.init(ROOT)

    with pytest.raises(ValueError, match=told):
        copy.plan(ROOT, **{variable: value})
