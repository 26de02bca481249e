"""Runs Terraform on a copy of its files, against the providers' schemas."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.home import REPOSITORY

TERRAFORM = REPOSITORY / "terraform"
# The dbt project names the schemas of the loaded sources.
STAGING = "include/transform/models/staging"
SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.json"))
ROOTS = ("environments/dev", "environments/prd", "modules/warehouse", "modules/marts_stage")
UUID = "00000000-0000-0000-0000-000000000000"
KEYS = ("AIRFLOW_LOADER", "AIRFLOW_TRANSFORMER", "AIRFLOW_REPORTER", "FIVETRAN", "DASHBOARD")
# Made-up values for the variables that a person fills in.
VARIABLES = {
    "subscription_id": UUID,
    "tenant_id": UUID,
    "storage_account": "stddrctest",
    "airflow_principal_id": UUID,
    "snowflake_principal_id": UUID,
    "snowflake_organization": "ORGANIZATION",
    "snowflake_account": "ACCOUNT",
    "snowflake_user": "TERRAFORM",
    "allowed_addresses": ["192.0.2.0/24"],
    "public_keys": {user: {"current": "MIIBIjANBg=="} for user in KEYS},
}


@dataclass(frozen=True)
class Resource:
    """A planned resource: its address within the root, type and values."""

    address: str
    type: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Terraform:
    """A copy of `terraform/` and of what it reads, and the environment variables for Terraform."""

    folder: Path
    environment: dict[str, str]

    def run(self, root: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command in one root."""
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder / root,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def init(self, root: str) -> None:
        """Initialise a root, without the backend of its state."""
        done = self.run(root, "init", "-backend=false", "-input=false", "-no-color")
        assert done.returncode == 0, done.stdout + done.stderr

    def validate(self, root: str) -> list[str]:
        """The diagnostics of `terraform validate`."""
        report = json.loads(self.run(root, "validate", "-json").stdout)
        return [f"{each['summary']}: {each['detail']}" for each in report["diagnostics"]]

    def plan(self, root: str, **variables: object) -> list[Resource]:
        """The resources of a plan for an empty account; `variables` override `VARIABLES`.

        Raises:
            ValueError: Terraform refuses the configuration; the message is Terraform's.
        """
        shown = self.show_plan(root, **variables)
        return list(_resources(shown["planned_values"]["root_module"]))

    def show_plan(self, root: str, **variables: object) -> dict[str, Any]:
        """A plan as Terraform shows it, with the configuration that it was made from.

        Raises:
            ValueError: Terraform refuses the configuration; the message is Terraform's.
        """
        (self.folder / root / "backend.tf").unlink(missing_ok=True)
        file = self.folder / root / "test.auto.tfvars.json"
        file.write_text(json.dumps(VARIABLES | variables))
        done = self.run(root, "plan", "-input=false", "-no-color", "-out=plan")
        if done.returncode:
            raise ValueError(" ".join(re.sub(r"[│╷╵]", " ", done.stdout + done.stderr).split()))
        shown: dict[str, Any] = json.loads(self.run(root, "show", "-json", "plan").stdout)
        return shown


def references(expression: Any) -> Iterator[str]:
    """The addresses that an expression of a configuration refers to."""
    if isinstance(expression, dict):
        for reference in expression.get("references", []):
            yield ".".join(reference.partition("[")[0].split(".")[:2])
        for value in expression.values():
            yield from references(value)
    elif isinstance(expression, list):
        for value in expression:
            yield from references(value)


def _resources(module: dict[str, Any]) -> Iterator[Resource]:
    for resource in module.get("resources", []):
        yield Resource(resource["address"], resource["type"], resource["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def copy_configuration(to: Path) -> Path:
    """Copy `terraform/`, without the files that Terraform and a person made in it, and `STAGING`.

    Returns:
        The copy of `terraform/`.
    """
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "backend.hcl")
    shutil.copytree(REPOSITORY / STAGING, to / STAGING)
    return Path(shutil.copytree(TERRAFORM, to / "terraform", ignore=ignored))
