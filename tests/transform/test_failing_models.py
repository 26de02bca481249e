"""Mistakes in a model: the failure names the model, and the other tests still run."""

from dataclasses import replace
from pathlib import Path

import pytest

from local.cloud import Cloud
from tests.transform.conftest import Build
from tests.transform.project import NO_UNIT_TESTS, Project

BUILD_USACE = ("build", "--select", "usace_metrics", *NO_UNIT_TESTS)


def test_a_wrong_rule_fails_its_unit_test_with_the_rows_that_differ(world: Project) -> None:
    broken = world.rewritten(
        "epa_metrics", lambda sql: sql.replace("lower(land_use) =", "land_use =")
    )
    name = "phase1_counts_finished_residential_parcels"
    outcome = broken.dbt("test", "--select", name)
    assert outcome.statuses == {name: "fail"}
    message = outcome.message(name)
    assert message.startswith(f"{name}: ")
    assert "actual differs from expected" in message
    assert "3.00→1.00" in message


def test_a_failed_model_fails_only_the_tests_that_read_it_with_the_warehouses_error(
    usace: Project, first_build: Build
) -> None:
    broken = usace.rewritten("usace_metrics", lambda sql: sql.replace("roe_approved_at", "typo"))
    outcome = broken.dbt("build", "--select", "tag:usace", "tag:epa", *NO_UNIT_TESTS)
    marts = {name: rows for name, rows in first_build.marts.items() if name != "usace_metrics"}
    build = replace(first_build, outcome=outcome, marts=marts)
    assert build.mart("epa_metrics")
    with pytest.raises(pytest.fail.Exception, match=r"^usace_metrics was not built(?s:.*)TYPO"):
        build.mart("usace_metrics")


def test_a_metric_without_a_definition_is_refused_by_the_contract(usace: Project) -> None:
    undefined = usace.rewritten(
        "usace_metrics", lambda sql: sql.replace("'phase2_roes_accepted'", "'phase2_new'")
    )
    outcome = undefined.dbt(*BUILD_USACE)
    assert outcome.statuses["usace_metrics"] == "error"
    assert "NULL result in a non-nullable column" in outcome.messages()


def test_a_definition_without_a_count_fails_the_marts_test(usace: Project) -> None:
    uncounted = usace.rewritten(
        "usace_metrics", lambda sql: sql.replace("{{ metric_rows('counts'", "{{ metric_rows("
            "'(select * from counts where metric_value != 6)'")
    )  # fmt: skip
    outcome = uncounted.dbt(*BUILD_USACE)
    assert outcome.named("fail") == {
        "holds_declared_metrics_usace_metrics_",
        "still_released_usace_metrics_",
    }


def test_the_summary_says_how_to_name_its_sources(cloud: Cloud, tmp_path: Path) -> None:
    unnamed = Project(cloud, tmp_path, {"DDRC_COMPUTED_SOURCES": ""})
    unnamed.manifest = unnamed.dbt("parse").result
    assert unnamed.dbt("run", "--select", "epa_metrics").success
    outcome = unnamed.dbt("run", "--select", "ddrc_metrics")
    assert outcome.statuses == {"ddrc_metrics": "error"}
    assert 'Set it: export DDRC_COMPUTED_SOURCES="$(python -m include.sources)"' in (
        outcome.messages()
    )
