"""Running Terraform on a copy of our configuration, against the providers' schemas."""

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
SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.json"))
ROOTS = ("environments/dev", "environments/prd", "modules/warehouse", "modules/marts_stage")
UUID = "00000000-0000-0000-0000-000000000000"
KEYS = ("AIRFLOW_LOADER", "AIRFLOW_TRANSFORMER", "AIRFLOW_REPORTER", "FIVETRAN", "DASHBOARD")
# What a person fills in, with made-up values.
FILLED_IN = {
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
    """A copy of `terraform/`, and the environment in which to run Terraform on it."""

    folder: Path
    environment: dict[str, str]

    def run(self, root: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command in one root."""
        return subprocess.run(
            ["terraform", *words],
            cwd=self.folder / root,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def init(self, root: str) -> None:
        """Make a root ready, without the place where its state lies."""
        done = self.run(root, "init", "-backend=false", "-input=false", "-no-color")
        assert done.returncode == 0, done.stdout + done.stderr

    def problems(self, root: str) -> list[str]:
        """What `terraform validate` finds."""
        found = json.loads(self.run(root, "validate", "-json").stdout)
        return [f"{one['summary']}: {one['detail']}" for one in found["diagnostics"]]

    def plan(self, root: str, **filled_in: object) -> list[Resource]:
        """The resources of a plan on nothing, with what a person fills in.

        Raises:
            ValueError: Terraform refuses; what it says.
        """
        (self.folder / root / "backend.tf").unlink(missing_ok=True)
        variables = self.folder / root / "test.auto.tfvars.json"
        variables.write_text(json.dumps(FILLED_IN | filled_in))
        done = self.run(root, "plan", "-input=false", "-no-color", "-out=plan")
        if done.returncode:
            raise ValueError(" ".join(re.sub(r"[│╷╵]", " ", done.stdout + done.stderr).split()))
        shown = json.loads(self.run(root, "show", "-json", "plan").stdout)
        return list(_resources(shown["planned_values"]["root_module"]))


def _resources(module: dict[str, Any]) -> Iterator[Resource]:
    for one in module.get("resources", []):
        yield Resource(one["address"], one["type"], one["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child)


def copied(to: Path) -> Path:
    """A copy of `terraform/` without what Terraform left in it."""
    left = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars", "backend.hcl")
    shutil.copytree(TERRAFORM, to, ignore=left)
    return to
