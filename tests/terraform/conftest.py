"""Terraform's environment for the tests: the providers' schemas, and no network."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.terraform.provider_server import serve
from tests.terraform.running import ROOTS, SCHEMAS, Resource, Terraform, copy_configuration


@pytest.fixture(scope="session")
def offline() -> Iterator[dict[str, str]]:
    """The environment variables of an offline Terraform; without it tests skip, but fail in CI."""
    if not shutil.which("terraform"):
        assert not os.environ.get("CI"), "CI needs Terraform 1.11 or newer on its PATH"
        pytest.skip("terraform is not installed")
    with serve(SCHEMAS) as attached:
        yield {
            **attached,
            "TF_CLI_CONFIG_FILE": os.devnull,
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }


@pytest.fixture(scope="session")
def terraform(offline: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """A copy of the configuration, with every root initialised."""
    terraform = Terraform(
        copy_configuration(tmp_path_factory.mktemp("terraform") / "copy"), offline
    )
    for root in ROOTS:
        terraform.init(root)
    return terraform


@pytest.fixture(scope="session")
def planned(terraform: Terraform) -> dict[str, list[Resource]]:
    """The planned resources of each environment."""
    return {name: terraform.plan(f"environments/{name}") for name in ("dev", "prd")}
