"""The emulated Snowflake enforces the grants of Terraform's plan."""

import json
from typing import Any

import pytest

from local.snowflake import grants
from tests.terraform.grants import planned_grants


@pytest.mark.parametrize("name", ["dev", "prd"])
def test_the_emulators_grants_are_those_of_the_plan(name: str, plans: dict[str, Any]) -> None:
    planned = planned_grants(plans[name], name.upper())

    assert json.loads(grants.FILE.read_text()) == planned, (
        "run .local/venv/bin/python -m tests.terraform.grants --write"
    )


def test_the_file_is_written_sorted_so_that_a_change_is_a_small_difference() -> None:
    text = grants.FILE.read_text()

    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    "values",
    [
        {"on_account_object": [], "on_schema": [], "on_schema_object": []},
        None,
    ],
    ids=["a grant on nothing", "a grant of a kind that the emulator does not know"],
)
def test_a_grant_that_the_emulator_cannot_enforce_is_an_error(values: Any) -> None:
    known = "snowflake_grant_privileges_to_account_role"
    kind = known if values else "snowflake_grant_database_role"
    resource = {
        "address": f"{kind}.x",
        "type": kind,
        "values": {"account_role_name": "R", "privileges": ["USAGE"], **(values or {})},
    }
    configured = {"address": f"{kind}.x", "provider_config_key": "snowflake.securityadmin"}
    shown = {
        "planned_values": {"root_module": {"resources": [resource]}},
        "configuration": {"root_module": {"resources": [configured]}},
    }

    with pytest.raises(ValueError, match=rf"{kind}\.x"):
        planned_grants(shown, "DEV")
