"""The policies refuse what Terraform's schemas here could not plan, and what they cannot judge."""

from dataclasses import replace

from tests.terraform.policies import check_policies
from tests.terraform.running import Resource

Planned = dict[str, list[Resource]]


def test_a_resource_of_an_unknown_type_is_refused(planned: Planned) -> None:
    ownership = Resource("module.x.snowflake_grant_ownership.y", "snowflake_grant_ownership", {})

    assert check_policies([*planned["dev"], ownership], "DEV") == [
        "module.x.snowflake_grant_ownership.y: no policy knows the type snowflake_grant_ownership"
    ]


def test_a_plan_that_a_policy_cannot_read_is_refused(planned: Planned) -> None:
    empty = [
        replace(one, values={**one.values, "statement": None})
        if one.type == "snowflake_view"
        else one
        for one in planned["dev"]
    ]

    [problem] = check_policies(empty, "DEV")

    assert problem.startswith("tests.terraform.policies.data.check_view: cannot judge it")


def test_development_and_production_have_limits_of_their_own(planned: Planned) -> None:
    problems = "\n".join(check_policies(planned["dev"], "PRD"))

    assert "does not have 7 days of time travel" in problems
    assert "the quota is not between 40 and 120 credits" in problems
    assert "is not replicated into a second region" in problems
