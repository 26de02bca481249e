"""Nothing is made with one role of Snowflake and used with another that may not use it."""

from pathlib import Path
from typing import Any

import pytest

from tests.terraform.running import Terraform, copy_configuration, references

ROOT = "environments/dev"
# SECURITYADMIN has MANAGE GRANTS, so its grants may be of and on anything.
GRANTS = {"snowflake_grant_account_role", "snowflake_grant_privileges_to_account_role"}
# The other resources that use what another role has made, and why Snowflake accepts it.
# https://docs.snowflake.com/en/user-guide/security-access-control-overview#system-defined-roles
ACCEPTED = {
    "snowflake_view by accountadmin uses snowflake_database by sysadmin": (
        "ACCOUNTADMIN inherits SYSADMIN"
    ),
    "snowflake_service_user by securityadmin uses snowflake_account_role by useradmin": (
        "a default role is only a name, and SECURITYADMIN inherits USERADMIN"
    ),
    "snowflake_service_user by securityadmin uses snowflake_warehouse by accountadmin": (
        "a default warehouse is only a name"
    ),
    "snowflake_stage_external_azure by sysadmin uses snowflake_storage_integration_azure by "
    "accountadmin": "stage.tf grants its USAGE to SYSADMIN, on which the stages depend",
}


def uses_of_others(shown: dict[str, Any]) -> set[str]:
    """The uses of one role's resources by another role's, grants by SECURITYADMIN aside."""
    found = set()
    for call in shown["configuration"]["root_module"]["module_calls"].values():
        resources = call["module"]["resources"]
        makers = {each["address"]: _alias(each) for each in resources}
        for user in resources:
            for address in set(references(user.get("expressions", {}))) & makers.keys():
                used = next(each for each in resources if each["address"] == address)
                if makers[address] == _alias(user) or (
                    user["type"] in GRANTS and _alias(user) == "securityadmin"
                ):
                    continue
                found.add(f"{user['type']} by {_alias(user)} uses {used['type']} by {_alias(used)}")
    return found


def test_what_one_role_makes_is_used_by_another_only_where_snowflake_accepts_it(
    plans: dict[str, Any],
) -> None:
    assert uses_of_others(plans["dev"]) == ACCEPTED.keys()


@pytest.mark.parametrize(
    ("resource", "use"),
    [
        (
            'resource "snowflake_network_policy" "services" {',
            "snowflake_service_user by securityadmin uses snowflake_network_policy by accountadmin",
        ),
        (
            'resource "snowflake_service_user" "this" {',
            "snowflake_service_user by accountadmin uses snowflake_network_policy by securityadmin",
        ),
    ],
)
def test_a_policy_and_its_users_made_by_two_roles_are_reported(
    resource: str, use: str, terraform: Terraform, tmp_path: Path
) -> None:
    copy = Terraform(copy_configuration(tmp_path), terraform.environment)
    file = copy.folder / "modules/warehouse/users.tf"
    right = f"{resource}\n  provider = snowflake.securityadmin"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, right.replace("security", "account")))
    copy.init(ROOT)

    assert use in uses_of_others(copy.show_plan(ROOT)) - ACCEPTED.keys()


def _alias(resource: dict[str, Any]) -> str:
    return str(resource["provider_config_key"]).partition(".")[2]
