"""Terraform's environment for the tests: the providers' schemas, and no network."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.terraform.golden import ENVIRONMENTS, show_plans
from tests.terraform.provider_server import serve
from tests.terraform.running import (
    ROOTS,
    SCHEMAS,
    Resource,
    Terraform,
    copy_configuration,
    offline,
    planned_resources,
)


@pytest.fixture(scope="session")
def program() -> None:
    """Terraform; without it tests skip, but fail in CI."""
    if not shutil.which("terraform"):
        assert not os.environ.get("CI"), "CI needs Terraform 1.11 or newer on its PATH"
        pytest.skip("terraform is not installed")


@pytest.fixture(scope="session")
def terraform(program: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """A copy of the configuration, with every root initialised; ids are unknown until an apply."""
    with serve(SCHEMAS) as attached:
        copy = copy_configuration(tmp_path_factory.mktemp("terraform") / "copy")
        terraform = Terraform(copy, offline(attached))
        for root in ROOTS:
            terraform.init(root)
        yield terraform


@pytest.fixture(scope="session")
def named(program: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """A copy of the configuration, whose plans show the object that each reference reaches."""
    with serve(SCHEMAS, named=True) as attached:
        copy = copy_configuration(tmp_path_factory.mktemp("named") / "copy")
        yield Terraform(copy, offline(attached))


@pytest.fixture(scope="session")
def plans(named: Terraform) -> dict[str, dict[str, Any]]:
    """The plans of `dev` and `prd`, and dev's with every optional variable at its default."""
    return show_plans(named)


@pytest.fixture(scope="session")
def planned(plans: dict[str, dict[str, Any]]) -> dict[str, list[Resource]]:
    """The planned resources of each environment."""
    return {name: planned_resources(plans[name]) for name in ENVIRONMENTS}
