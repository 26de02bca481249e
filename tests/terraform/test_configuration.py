"""The configuration is well-formed for the real Terraform, and its own tests pass."""

import re
import shutil
from pathlib import Path

import pytest

from tests.terraform.running import ROOTS, TERRAFORM, Terraform

MODULES = [root for root in ROOTS if root.startswith("modules")]
ENVIRONMENTS = [root for root in ROOTS if root.startswith("environments")]
DATA_RESOURCES = (
    "azurerm_storage_account",
    "azurerm_storage_container",
    "snowflake_database",
    "snowflake_schema",
)


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


def test_an_apply_cannot_destroy_resources_that_hold_data() -> None:
    text = "\n".join(file.read_text() for file in (TERRAFORM / "modules").rglob("*.tf"))
    resources = re.findall(r'^resource "(\w+)" "\w+" \{\n(.*?)^\}', text, re.M | re.S)
    holding = [(kind, body) for kind, body in resources if kind in DATA_RESOURCES]

    assert {kind for kind, _ in holding} == set(DATA_RESOURCES)
    assert [kind for kind, body in holding if "prevent_destroy = true" not in body] == []


def test_an_environment_pins_its_providers_exactly() -> None:
    for root in ENVIRONMENTS:
        versions = re.findall(
            r'^      version = "(.*)"', (TERRAFORM / root / "versions.tf").read_text(), re.M
        )
        assert len(versions) == 2
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_every_variable_and_output_is_described() -> None:
    for file in TERRAFORM.rglob("*.tf"):
        for kind, name, body in re.findall(
            r'^(variable|output) "(\w+)" \{\n(.*?)^\}', file.read_text(), re.M | re.S
        ):
            assert re.search(r'description = ".+\."', body), f"{file}: {kind} {name}"
