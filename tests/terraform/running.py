"""Runs Terraform on a copy of its files, against the providers' schemas."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local.home import REPOSITORY

TERRAFORM = REPOSITORY / "terraform"
# The dbt project names the schemas of the loaded sources.
STAGING = "include/transform/models/staging"
SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.json"))
ROOTS = ("environments/dev", "environments/prd", "modules/warehouse", "modules/marts_stage")
GRANT = "snowflake_grant_privileges_to_account_role"
ROLE_GRANT = "snowflake_grant_account_role"
USERS = ("AIRFLOW_LOADER", "AIRFLOW_TRANSFORMER", "AIRFLOW_REPORTER", "FIVETRAN", "DASHBOARD")
# Made-up values for the variables that a person fills in. All are distinct, so that a plan shows
# which of them is where.
REQUIRED: dict[str, Any] = {
    "subscription_id": "00000000-0000-0000-0000-000000000001",
    "tenant_id": "00000000-0000-0000-0000-000000000002",
    "storage_account": "stddrctest",
    "airflow_principal_id": "00000000-0000-0000-0000-000000000003",
    "snowflake_organization": "ORGANIZATION",
    "snowflake_account": "ACCOUNT",
    "snowflake_user": "TERRAFORM",
    "public_keys": {user: {"current": f"{user.rpartition('_')[2]}/KEY="} for user in USERS},
}
OPTIONAL: dict[str, Any] = {
    "snowflake_principal_id": "00000000-0000-0000-0000-000000000004",
    "snowflake_authenticator": "WORKLOAD_IDENTITY",
    "allowed_addresses": ["192.0.2.0/24", "198.51.100.7"],
    "page_origins": ["https://www.example.org"],
    "monitor_notifies": ["NOTIFIED"],
}
VARIABLES = REQUIRED | OPTIONAL


@dataclass(frozen=True)
class Resource:
    """A planned resource.

    Attributes:
        address: Its address within the root.
        type: Its type.
        values: Its planned values; what only an apply knows is left out.
        provider: The provider's configuration that makes it, such as `snowflake.sysadmin`.
    """

    address: str
    type: str
    values: dict[str, Any]
    provider: str = ""

    @property
    def configured(self) -> str:
        """Its address without the key of the instance."""
        return self.address.partition("[")[0]


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
        """Initialise a root, without the backend of its state.

        Raises:
            ValueError: Terraform refuses the configuration; the message is Terraform's.
        """
        done = self.run(root, "init", "-backend=false", "-input=false", "-no-color")
        if done.returncode:
            raise ValueError(done.stdout + done.stderr)

    def validate(self, root: str) -> list[str]:
        """The diagnostics of `terraform validate`."""
        report = json.loads(self.run(root, "validate", "-json").stdout)
        return [f"{each['summary']}: {each['detail']}" for each in report["diagnostics"]]

    def plan(self, root: str, **variables: object) -> list[Resource]:
        """The resources of a plan for an empty account; `variables` override `VARIABLES`.

        A variable that is None is left at its default.

        Raises:
            ValueError: Terraform refuses the configuration; the message is Terraform's.
        """
        return planned_resources(self.show_plan(root, **variables))

    def show_plan(self, root: str, **variables: object) -> dict[str, Any]:
        """A plan as Terraform shows it, with the configuration that it was made from.

        Raises:
            ValueError: Terraform refuses the configuration; the message is Terraform's.
        """
        (self.folder / root / "backend.tf").unlink(missing_ok=True)
        file = self.folder / root / "test.auto.tfvars.json"
        values = VARIABLES | variables
        file.write_text(
            json.dumps({name: value for name, value in values.items() if value is not None})
        )
        done = self.run(root, "plan", "-input=false", "-no-color", "-out=plan")
        if done.returncode:
            raise ValueError(" ".join(re.sub(r"[│╷╵]", " ", done.stdout + done.stderr).split()))
        shown: dict[str, Any] = json.loads(self.run(root, "show", "-json", "plan").stdout)
        return shown


def offline(attached: dict[str, str]) -> dict[str, str]:
    """The environment variables of a Terraform without a network, for the providers attached."""
    return {
        **attached,
        "TF_CLI_CONFIG_FILE": os.devnull,
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        # A plan lives for a second: Go's default collects garbage for a third of its time.
        "GOGC": "400",
    }


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


def planned_resources(shown: dict[str, Any]) -> list[Resource]:
    """The resources of a plan, as `terraform show -json` prints it, sorted by address."""
    makers = {
        (f"{address}.{one['address']}" if address else one["address"]): one["provider_config_key"]
        for address, module in configured_modules(shown["configuration"]["root_module"])
        for one in module.get("resources", [])
    }
    found = []
    modules = [shown["planned_values"]["root_module"]]
    while modules:
        module = modules.pop()
        modules += module.get("child_modules", [])
        for one in module.get("resources", []):
            maker = makers[one["address"].partition("[")[0]].rpartition(":")[2]
            found.append(Resource(one["address"], one["type"], one["values"], maker))
    return sorted(found, key=lambda resource: resource.address)


@cache
def resource_schemas() -> dict[str, Any]:
    """Each resource's schema, by its type."""
    return {
        name: one["block"]
        for document in SCHEMAS
        for provider in json.loads(document.read_text())["provider_schemas"].values()
        for name, one in provider["resource_schemas"].items()
    }


def configured_modules(
    module: dict[str, Any], address: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each module of a plan's configuration, with its address."""
    yield address, module
    for name, call in module.get("module_calls", {}).items():
        inner = f"{address}.module.{name}" if address else f"module.{name}"
        yield from configured_modules(call["module"], inner)


def copy_configuration(to: Path) -> Path:
    """Copy `terraform/`, without the files that Terraform and a person made in it, and `STAGING`.

    Returns:
        The copy of `terraform/`.
    """
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "backend.hcl")
    shutil.copytree(REPOSITORY / STAGING, to / STAGING)
    return Path(shutil.copytree(TERRAFORM, to / "terraform", ignore=ignored))
