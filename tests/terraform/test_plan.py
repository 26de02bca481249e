"""What an apply on an empty account would make."""

from pathlib import Path

import pytest

from include import warehouse
from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, VERSIONS_CONTAINER
from include.sources import LOADED, PARTS
from local import connections, provision
from local.cloud import Cloud
from local.home import Home
from local.ports import Ports
from tests.terraform.policies import GRANT, findings
from tests.terraform.role_reach import ALLOWED, reach
from tests.terraform.running import Resource

Planned = dict[str, list[Resource]]
ENVIRONMENTS = ("dev", "prd")


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_plan_keeps_every_policy(name: str, planned: Planned) -> None:
    assert findings(planned[name]) == []


@pytest.mark.parametrize("name", ENVIRONMENTS)
@pytest.mark.parametrize("role", ALLOWED)
def test_a_role_can_do_what_its_tasks_need_and_nothing_more(
    role: str, name: str, planned: Planned
) -> None:
    assert reach(planned[name], role, f"DDRC_{name.upper()}") == ALLOWED[role]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_user_has_one_role(name: str, planned: Planned) -> None:
    given = [
        (one.values["user_name"], one.values["role_name"])
        for one in planned[name]
        if one.type == "snowflake_grant_account_role" and one.values["user_name"]
    ]
    suffix = f"DDRC_{name.upper()}"

    assert dict(given) == {
        f"AIRFLOW_LOADER_{suffix}": f"LOADER_{suffix}",
        f"AIRFLOW_TRANSFORMER_{suffix}": f"TRANSFORMER_{suffix}",
        f"AIRFLOW_REPORTER_{suffix}": f"REPORTER_{suffix}",
        f"FIVETRAN_{suffix}": f"FIVETRAN_{suffix}",
        f"DASHBOARD_{suffix}": f"REPORTER_{suffix}",
    }
    assert len(given) == len(dict(given))


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_what_is_given_on_tables_is_given_on_future_ones_too(name: str, planned: Planned) -> None:
    now, later = set(), set()
    for grant in planned[name]:
        if grant.type != GRANT:
            continue
        for on in grant.values["on_schema_object"]:
            for place in on["all"]:
                now.add((grant.values["account_role_name"], *place.values()))
            for place in on["future"]:
                later.add((grant.values["account_role_name"], *place.values()))

    assert now == later
    assert now


def test_both_environments_make_the_same_things(planned: Planned) -> None:
    dev, prd = ({one.address for one in planned[name]} for name in ENVIRONMENTS)

    assert dev == prd


def test_the_laptops_cloud_has_the_databases_roles_and_warehouses_of_dev(
    planned: Planned, tmp_path: Path
) -> None:
    made = " ".join(provision.statements(Cloud(Home(tmp_path), Ports(*range(1, 7)))))
    kinds = ("snowflake_database", "snowflake_warehouse")
    names = {one.values["name"] for one in planned["dev"] if one.type in kinds}
    roles = {
        one.values["name"]
        for one in planned["dev"]
        if one.type == "snowflake_account_role" and ".functional" in one.address
    }

    assert {name for name in names | roles if f" {name}" not in made} == set()


def test_the_connections_log_in_as_the_users_of_terraform(planned: Planned) -> None:
    users = {
        one.values["name"]: one.values
        for one in planned["dev"]
        if one.type == "snowflake_service_user"
    }

    for role in connections.SNOWFLAKE_ROLES:
        login = connections.snowflake_login(role)
        user = users[login["login"]]
        assert user["default_role"] == login["role"]
        assert user["default_warehouse"] == login["warehouse"]


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_loaders_schemas_are_there(name: str, planned: Planned) -> None:
    schemas = {one.values["name"] for one in planned[name] if one.type == "snowflake_schema"}
    loaded = {part.table.schema for source in LOADED for part in PARTS[source]}

    assert schemas == loaded | {"LOADING"}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_containers_are_those_that_the_pipeline_names(name: str, planned: Planned) -> None:
    containers = {
        one.values["name"] for one in planned[name] if one.type == "azurerm_storage_container"
    }

    assert containers == {PUBLIC_CONTAINER, CANDIDATES_CONTAINER, VERSIONS_CONTAINER}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_stage_is_the_one_that_the_pipeline_unloads_to(
    name: str, planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DDRC_ENV", name.upper())
    [stage] = [one.values for one in planned[name] if one.type == "snowflake_stage_external_azure"]

    assert f"{stage['database']}.{stage['schema']}.{stage['name']}" == warehouse.stage()
    assert stage["url"] == (f"azure://stddrctest.blob.core.windows.net/{CANDIDATES_CONTAINER}/")
