"""What the marts do when a source is empty, was never loaded, or breaks its contract."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from include import sources
from tests.transform.conftest import Build
from tests.transform.project import MARTS_DATABASE, PROJECT, Project
from tests.transform.rows import EXPECTED, WORLD

USACE = sources.USACE.table
MARTS = f"{MARTS_DATABASE}.DEVELOPER_METRICS"


@pytest.fixture
def world(project: Project, first_build: Build) -> Iterator[Project]:
    """The project with everything built; USACE's rows and marts are mended afterwards."""
    yield project
    project.load(USACE, WORLD[USACE])
    if project.metrics("usace_metrics") != EXPECTED["usace_metrics"]:
        assert project.dbt("run", "--select", "usace_metrics").success


@contextmanager
def never_loaded(project: Project, *models: str) -> Iterator[None]:
    """The marts are away, as before their sources' first load."""
    for model in models:
        project.execute(f"ALTER TABLE {MARTS}.{model} RENAME TO {MARTS}.{model}_AWAY")
    try:
        yield
    finally:
        for model in models:
            project.execute(f"ALTER TABLE {MARTS}.{model}_AWAY RENAME TO {MARTS}.{model}")


def test_an_empty_raw_table_leaves_the_last_good_metrics_alone(world: Project) -> None:
    world.load(USACE, [])
    outcome = world.dbt("build", "--select", "tag:usace", "--exclude-resource-type", "unit_test")
    assert outcome.named("fail") == {"has_rows_stg_usace__parcels_"}
    assert outcome.statuses["usace_metrics"] == "skipped"
    assert world.metrics("usace_metrics") == EXPECTED["usace_metrics"]


def test_an_empty_raw_table_never_becomes_a_zero(world: Project) -> None:
    world.load(USACE, [])
    outcome = world.dbt("run", "--select", "usace_metrics", "ddrc_metrics")
    assert outcome.success
    assert world.metrics("usace_metrics") == {}
    assert not set(EXPECTED["usace_metrics"]) & set(world.metrics("ddrc_metrics"))


def test_rows_without_an_eligible_one_are_a_true_zero(world: Project) -> None:
    world.load(USACE, [{**row, "EVENT_SUB_NAME": "Hughes"} for row in WORLD[USACE]])
    assert world.dbt("run", "--select", "usace_metrics").success
    assert {value for value, _ in world.metrics("usace_metrics").values()} == {0}


def test_the_summary_builds_before_most_sources_were_ever_loaded(world: Project) -> None:
    with never_loaded(world, "epa_metrics", "usace_metrics", "malibu_metrics"):
        outcome = world.dbt("build", "--select", "tag:publish")
        assert outcome.success
        assert outcome.warnings == []
        # No computed metric has the name of Airtable's yet, so the hand-kept value is shown.
        expected = {**EXPECTED["pasadena_metrics"], **EXPECTED["airtable_metrics"]}
        assert world.metrics("ddrc_metrics") == expected


def test_the_summary_builds_when_only_airtable_is_missing(world: Project) -> None:
    with never_loaded(world, "airtable_metrics"):
        assert world.dbt("build", "--select", "tag:publish").success
        shown = set(world.metrics("ddrc_metrics"))
    computed = (EXPECTED[f"{name}_metrics"] for name in ("epa", "usace", "pasadena", "malibu"))
    assert shown == set().union(*computed)


def test_a_mart_that_breaks_its_contract_is_not_built_and_the_old_one_stays(
    world: Project, tmp_path: Path
) -> None:
    ignored = shutil.ignore_patterns("target", "logs")
    folder = shutil.copytree(PROJECT, tmp_path / "transform", ignore=ignored)
    mart = folder / "models" / "marts" / "metrics" / "usace_metrics.sql"
    mart.write_text(f"select metric_name, 'many' as metric_value from ({mart.read_text()})")
    broken = Project(tmp_path / "target", world.environment, folder)
    outcome = broken.dbt("run", "--select", "usace_metrics")
    assert outcome.statuses == {"usace_metrics": "error"}
    assert "contract" in str(outcome.result.results[0].message)
    assert world.metrics("usace_metrics") == EXPECTED["usace_metrics"]


def test_a_load_without_a_time_is_refused_before_its_mart_is_built(world: Project) -> None:
    world.load(USACE, [{**row, "_LOADED_AT": None} for row in WORLD[USACE]])
    outcome = world.dbt("build", "--select", "tag:usace", "--exclude-resource-type", "unit_test")
    assert outcome.named("fail") == {"not_null_stg_usace__parcels_loaded_at"}
    assert world.metrics("usace_metrics") == EXPECTED["usace_metrics"]
