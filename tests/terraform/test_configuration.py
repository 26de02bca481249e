"""The configuration is well-formed for the real Terraform, and its own tests pass."""

import re
import shutil
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.terraform.policies import check_files
from tests.terraform.running import ROOTS, TERRAFORM, Terraform, copy_configuration
from tools.checkout import list_files

MODULES = [root for root in ROOTS if root.startswith("modules")]
DEV = "environments/dev"
ENVIRONMENTS = [root for root in ROOTS if root.startswith("environments")]


def test_every_file_is_formatted(terraform: Terraform) -> None:
    done = terraform.run(".", "fmt", "-check", "-recursive", "-diff")

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("root", ENVIRONMENTS)
def test_an_environment_is_valid_for_the_providers_schemas(root: str, terraform: Terraform) -> None:
    assert terraform.validate(root) == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_valid_on_its_own(module: str, terraform: Terraform, tmp_path: Path) -> None:
    # Terraform cannot validate a module with provider aliases alone, so a caller's are added.
    shutil.copytree(TERRAFORM / module, tmp_path / "alone")
    aliases = re.findall(r"snowflake\.(\w+),", (tmp_path / "alone" / "versions.tf").read_text())
    providers = "\n".join(f'provider "snowflake" {{\n  alias = "{name}"\n}}' for name in aliases)
    (tmp_path / "alone" / "providers.tf").write_text(providers)
    alone = Terraform(tmp_path, terraform.environment)
    alone.init("alone")

    assert alone.validate("alone") == []


@pytest.mark.parametrize("root", ROOTS)
def test_terraforms_own_tests_pass(root: str, terraform: Terraform) -> None:
    done = terraform.run(root, "test", "-no-color")

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Success! [1-9]\d* passed, 0 failed", done.stdout)


def test_the_environments_differ_in_their_values_only() -> None:
    dev, prd = (
        {
            str(file.relative_to(TERRAFORM / root)): file.read_text()
            for file in (TERRAFORM / root).rglob("*.tf")
            if ".terraform" not in file.parts
        }
        for root in ENVIRONMENTS
    )

    assert dev.keys() == prd.keys()
    assert {name for name, text in dev.items() if prd[name] != text} == {"values.tf"}


def test_terraform_reads_no_file_that_these_tests_do_not() -> None:
    # A file of values or of JSON would change a plan, and no golden file or policy would show it.
    known = (".tf", ".tftest.hcl", ".hcl.example", ".tfvars.example", "/.terraform.lock.hcl")

    assert [name for name in list_files(REPOSITORY, "terraform") if not name.endswith(known)] == []


def test_the_files_follow_every_policy() -> None:
    assert check_files(TERRAFORM) == []


def test_a_badly_formatted_file_is_found(terraform: Terraform, tmp_path: Path) -> None:
    wrong = Terraform(copy_configuration(tmp_path / "copy"), terraform.environment)
    file = wrong.folder / DEV / "values.tf"
    file.write_text(file.read_text().replace("  location ", "location "))

    assert wrong.run(".", "fmt", "-check", "-recursive").returncode != 0


@pytest.mark.parametrize(
    ("variable", "value", "report"),
    [
        ("storage_account", "Not-A-Name", "lower-case letters and digits"),
        ("subscription_id", "not-a-uuid", "is a UUID"),
        ("tenant_id", "example.org", "is a UUID"),
        ("snowflake_authenticator", "PASSWORD", "SNOWFLAKE_JWT or WORKLOAD_IDENTITY"),
        ("page_origins", ["http://example.org"], "An origin is"),
        ("page_origins", [], "An origin is"),
        ("public_keys", {"FIVETRAN": {"current": "MIIB"}}, "public_keys needs"),
        ("allowed_addresses", ["anywhere"], "IPv4 address or range"),
    ],
)
def test_a_mistyped_value_is_refused_with_its_variables_name(
    variable: str, value: object, report: str, terraform: Terraform
) -> None:
    with pytest.raises(ValueError, match=report):
        terraform.plan(DEV, **{variable: value})


def test_a_plan_needs_no_id_that_only_an_apply_knows(terraform: Terraform) -> None:
    assert len(terraform.plan(DEV)) > 100


def test_a_plan_that_needs_an_unknown_id_is_refused(terraform: Terraform, tmp_path: Path) -> None:
    wrong = Terraform(copy_configuration(tmp_path / "copy"), terraform.environment)
    file = wrong.folder / "modules/marts_stage/access.tf"
    known = "  for_each = local.containers\n"
    unknown = "  for_each = toset(values(azurerm_storage_container.this)[*].id)\n"
    assert known in file.read_text()
    file.write_text(
        file.read_text().replace(known, unknown).replace("this[each.key].id", 'this["versions"].id')
    )
    wrong.init(DEV)

    with pytest.raises(ValueError, match="Invalid for_each argument"):
        wrong.plan(DEV)
