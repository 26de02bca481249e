"""Each patch of another package, and each use of its internals, is still needed."""

from inspect import signature
from types import SimpleNamespace
from typing import cast

import pytest
from airflow.sdk import Context
from cosmos.operators.local import (
    AbstractDbtLocalBase,
    DbtBuildLocalOperator,
    DbtSourceLocalOperator,
)
from openlineage.client.naming.dataset import Snowflake

from include.pipeline.third_party_patches import cosmos_cache, lineage_account, skip_dbt_lineage
from include.pipeline.transform import profile_config

ON, OFF = '{"type": "console"}', ""


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """One item each time Cosmos asks for the parser of dbt's files."""
    calls: list[bool] = []
    monkeypatch.setattr(
        AbstractDbtLocalBase,
        "_get_dbt_local_artifact_processor",
        staticmethod(lambda: calls.append(True)),
    )
    return calls


def build() -> DbtBuildLocalOperator:
    return DbtBuildLocalOperator(
        task_id="build", project_dir=".", profile_config=profile_config("epa")
    )


def complete(task: DbtBuildLocalOperator) -> None:
    task.calculate_openlineage_events_completes({}, SimpleNamespace())


@pytest.mark.parametrize(("transport", "parses"), [(OFF, False), (ON, True)])
def test_a_dbt_task_parses_its_lineage_only_if_lineage_is_on(
    transport: str, parses: bool, parsed: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    if transport:
        monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", transport)
    task = build()

    skip_dbt_lineage(cast("Context", {"task": task}))
    complete(task)

    assert parsed == [True] * parses
    assert ("--no-write-json" in task.dbt_cmd_global_flags) is not parses


def test_skip_dbt_lineage_is_needed_while_cosmos_parses_lineage_that_is_off(
    parsed: list[bool],
) -> None:
    complete(build())

    assert parsed, "Cosmos now skips lineage that is off: remove skip_dbt_lineage"


def test_cosmos_cache_is_needed_while_a_single_operator_has_no_cache() -> None:
    task = DbtSourceLocalOperator(
        task_id="freshness", project_dir=".", profile_config=profile_config("epa")
    )

    assert task.cache_dir is None, "Cosmos now gives every operator a cache: remove cosmos_cache"
    assert cosmos_cache("a").parent == cosmos_cache("b").parent


def test_lineage_account_is_needed_while_the_public_naming_takes_no_account_locator() -> None:
    assert {"organization_name", "account_name"} <= set(signature(Snowflake).parameters), (
        "OpenLineage's naming now takes any account: use it in lineage_account"
    )
    assert lineage_account("org-account") == "org-account"
    assert lineage_account("xy12345.east-us-2.azure") == "xy12345.east-us-2.azure"
