"""The plan for an empty account: policies, privileges, and names that match the pipeline's."""

import json
import math
import re
from pathlib import Path
from typing import get_args

import pytest

from include import warehouse
from include.publishing.names import (
    CANDIDATES_CONTAINER,
    PUBLIC_CONTAINER,
    source_file,
)
from local import connections, provision
from local.cloud import Cloud
from local.home import REPOSITORY, Home
from local.ports import Ports
from tests.terraform.policies import check_policies
from tests.terraform.running import STAGING, Resource, Terraform, copy_configuration

Planned = dict[str, list[Resource]]
ENVIRONMENTS = ("dev", "prd")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_plan_follows_every_policy(name: str, planned: Planned) -> None:
    assert check_policies(planned[name], name.upper()) == []


def test_both_environments_have_the_same_resources(planned: Planned) -> None:
    dev, prd = ({resource.address for resource in planned[name]} for name in ENVIRONMENTS)

    assert dev == prd


def test_the_laptops_cloud_has_the_databases_stages_roles_and_warehouses_of_dev(
    planned: Planned, tmp_path: Path
) -> None:
    statements = provision.statements(Cloud(Home(tmp_path), Ports(*range(1, 7))))
    made = " ".join(statements)
    kinds = ("snowflake_database", "snowflake_warehouse")
    names = {resource.values["name"] for resource in planned["dev"] if resource.type in kinds}
    roles = {
        resource.values["name"]
        for resource in planned["dev"]
        if resource.type == "snowflake_account_role" and ".functional" in resource.address
    }

    stages = {
        f"{resource.values['database']}.PUBLIC.{resource.values['name']}"
        for resource in planned["dev"]
        if resource.type == "snowflake_stage_external_azure"
    }

    assert {name for name in names | roles | stages if f" {name} " not in f"{made} "} == set()
    [view] = [one.values for one in planned["dev"] if one.type == "snowflake_view"]
    name = f"{view['database']}.{view['schema']}.{view['name']}"
    [created] = [one for one in statements if f" VIEW {name} AS " in one]
    assert created.partition(" AS ")[2].split() == view["statement"].split()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_pipeline_names_the_warehouses_and_their_monitor_as_terraform_does(
    name: str, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDRC_ENV", name.upper())
    made = {
        resource.values["name"]: resource.values["resource_monitor"]
        for resource in planned[name]
        if resource.type == "snowflake_warehouse"
    }

    assert made == {
        warehouse.compute(kind): warehouse.resource_monitor()
        for kind in get_args(warehouse.Compute)
    }


def test_the_connections_log_in_as_the_users_of_terraform(planned: Planned) -> None:
    users = {
        resource.values["name"]: resource.values
        for resource in planned["dev"]
        if resource.type == "snowflake_service_user"
    }

    logins = map(connections.snowflake_login, connections.SNOWFLAKE_ROLES)
    for login in (*logins, connections.dashboard_login()):
        user = users[login["login"]]
        assert user["default_role"] == login["role"]
        assert user["default_warehouse"] == login["warehouse"]


def test_a_new_source_has_a_schema_unless_fivetran_creates_it(
    terraform: Terraform, tmp_path: Path
) -> None:
    copy = Terraform(copy_configuration(tmp_path), terraform.environment)
    for schema, loader in (("CLEANUP_AGOL", "include.loaders"), ("ODI_SURVEY", "fivetran")):
        folder = tmp_path / STAGING / schema.lower()
        folder.mkdir()
        source = {"name": schema.lower(), "schema": schema, "loader": loader}
        (folder / f"_{schema.lower()}.yml").write_text(json.dumps({"sources": [source]}))
    copy.init("environments/dev")
    planned = copy.plan("environments/dev")

    schemas = {
        resource.values["name"] for resource in planned if resource.type == "snowflake_schema"
    }
    assert "CLEANUP_AGOL" in schemas
    assert "ODI_SURVEY" not in schemas


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_stages_are_those_that_the_pipeline_names(
    name: str, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDRC_ENV", name.upper())
    stages = {
        f"{stage['database']}.{stage['schema']}.{stage['name']}": stage["url"]
        for stage in (
            resource.values
            for resource in planned[name]
            if resource.type == "snowflake_stage_external_azure"
        )
    }
    account = "azure://stddrctest.blob.core.windows.net"

    assert stages == {
        warehouse.stage(): f"{account}/{CANDIDATES_CONTAINER}/",
        warehouse.released_stage(): f"{account}/{PUBLIC_CONTAINER}/sources/",
    }
    assert source_file("epa") == "sources/epa.json"


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_quota_is_the_modelled_bill_of_a_month_with_its_margin(
    name: str, planned: Planned
) -> None:
    page = (REPOSITORY / "docs" / "cost.md").read_text()
    [(daily, margin, quota)] = re.findall(
        rf"^\| {name} \|[^|]+\| ([\d.]+) \| (\d+) % \| (\d+) \|$", page, re.M
    )
    [monitor] = [one for one in planned[name] if one.type == "snowflake_resource_monitor"]

    month = 31 * float(daily) * (1 + int(margin) / 100)
    assert monitor.values["credit_quota"] == int(quota) == math.ceil(month / 10) * 10

    deploy = (REPOSITORY / "docs" / "deploy.md").read_text()
    documented = re.findall(
        rf"^\| `terraform/environments/{name}` \|.*?(\d+) credits", deploy, re.M
    )
    assert documented == [quota]
