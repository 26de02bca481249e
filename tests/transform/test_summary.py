"""The summary: the metrics that the sources have released, and nothing else."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from include import warehouse
from include.sources import COMPUTED, ENTERED, SOURCES
from tests.transform.conftest import METRICS, Build
from tests.transform.project import NO_UNIT_TESTS, Project
from tests.transform.raw_tables import Row
from tests.transform.released import metric, metrics_of, release, release_all
from tests.transform.rows import EXPECTED

BUILD_SUMMARY = ("build", "--select", "tag:publish", *NO_UNIT_TESTS)
BUILD_USACE = ("build", "--select", "usace_metrics", *NO_UNIT_TESTS)
ALL = {
    **EXPECTED["airtable_metrics"],
    **{
        name: found for source in COMPUTED for name, found in EXPECTED[SOURCES[source].mart].items()
    },
}

Release = Callable[[Mapping[str, Sequence[Row] | str]], None]


@pytest.fixture
def released(all_marts: Project) -> Iterator[Release]:
    """Replace the released files for one test."""
    yield lambda files: release(all_marts, files)
    release_all(all_marts)


def summary_sql(build: Build) -> str:
    [node] = [
        each.node for each in build.outcome.result.results if each.node.name == "ddrc_metrics"
    ]
    return str(node.compiled_code)


def test_it_reads_the_files_of_the_published_sources_through_the_stage_that_python_names(
    project: Project, first_build: Build
) -> None:
    sql = summary_sql(first_build)
    with project.environment():
        assert f"\nfrom @{warehouse.released_stage().lower()}\n" in sql
    assert f"'(.*/)?({'|'.join((*COMPUTED, *ENTERED))})[.]json'" in sql
    staff = "', '".join(ENTERED)
    assert f"source_name not in ('{staff}')" in sql


def test_a_mart_that_was_built_and_not_released_is_not_in_it(all_marts: Project) -> None:
    all_marts.execute(
        f"UPDATE {METRICS}.epa_metrics SET metric_value = 1",
        f"DELETE FROM {METRICS}.usace_metrics",
        f"DROP TABLE {METRICS}.pasadena_metrics",
        f"UPDATE {METRICS}.airtable_metrics SET metric_value = -1",
    )
    assert all_marts.dbt(*BUILD_SUMMARY).success
    assert all_marts.metrics("ddrc_metrics") == ALL


def test_it_builds_before_most_sources_first_releases(
    all_marts: Project, released: Release
) -> None:
    released({name: metrics_of(name) for name in ("airtable", "epa", "page_feedback")})
    outcome = all_marts.dbt(*BUILD_SUMMARY)
    assert outcome.success
    assert outcome.warnings == []
    # Pasadena's metrics are not computed yet, so the value that staff entered is published.
    assert EXPECTED["airtable_metrics"].keys() & EXPECTED["pasadena_metrics"]
    expected = {**EXPECTED["airtable_metrics"], **EXPECTED["epa_metrics"]}
    assert all_marts.metrics("ddrc_metrics") == expected


def test_it_builds_when_only_airtable_has_not_released(
    all_marts: Project, released: Release
) -> None:
    released({name: metrics_of(name) for name in COMPUTED})
    assert all_marts.dbt(*BUILD_SUMMARY).success
    computed = (EXPECTED[SOURCES[name].mart] for name in COMPUTED)
    assert set(all_marts.metrics("ddrc_metrics")) == set().union(*computed)


@pytest.mark.parametrize("files", [{}, {"epa": []}, {"page_feedback": metrics_of("page_feedback")}])
def test_without_a_metric_its_test_fails(
    files: dict[str, list[Row]], all_marts: Project, released: Release
) -> None:
    released(files)
    outcome = all_marts.dbt(*BUILD_SUMMARY)
    assert outcome.named("fail") == {"at_least_one_ddrc_metrics_metric_name"}


def test_a_file_that_is_not_json_fails_it_and_the_old_rows_stay(
    all_marts: Project, released: Release
) -> None:
    released({"epa": metrics_of("epa"), "usace": '[{"METRIC_NAME": "phase2'})
    outcome = all_marts.dbt(*BUILD_SUMMARY)
    assert outcome.statuses["ddrc_metrics"] == "error"
    assert "Error parsing JSON" in outcome.messages()
    assert "sources/usace.json" in outcome.messages()
    assert all_marts.metrics("ddrc_metrics") == ALL


@pytest.mark.parametrize("written", ["2026-11-20T05:30:00.120Z", "2026-11-20T05:30:00.120+00:00"])
def test_its_times_are_in_utc_whatever_the_sessions_time_zone(
    written: str, all_marts: Project, released: Release, first_build: Build
) -> None:
    released({"epa": [metric("cleanup_phase1_complete", 3, written)]})
    [row] = all_marts.execute(
        "ALTER SESSION SET TIMEZONE = 'America/Los_Angeles'", summary_sql(first_build)
    )
    assert row["LAST_UPDATED"].isoformat() == "2026-11-20T05:30:00.120000"


LOST = metric("phase2_lost", 5, "2026-11-20T05:30:00Z")


@pytest.mark.parametrize(
    ("files", "failed"),
    [
        ({"usace": metrics_of("usace")}, 0),
        ({"usace": metrics_of("usace")[:1]}, 0),
        ({"epa": [LOST], "airtable": [LOST]}, 0),
        ({"usace": [*metrics_of("usace"), LOST]}, 1),
    ],
    ids=["the same", "new metrics", "no release yet", "a released metric that the mart lacks"],
)
def test_a_mart_that_lost_a_released_metric_fails_its_test(
    files: dict[str, list[Row]], failed: int, all_marts: Project, released: Release
) -> None:
    released(files)
    outcome = all_marts.dbt(*BUILD_USACE)
    assert outcome.statuses["usace_metrics"] == "success"
    assert outcome.named("fail") == ({"still_released_usace_metrics_"} if failed else set())


@pytest.mark.parametrize("source", [*COMPUTED, *ENTERED])
def test_each_mart_behind_the_summary_has_that_test(source: str, project: Project) -> None:
    assert project.manifest is not None
    tested = {
        (node.attached_node, str(node.config.severity).lower())
        for node in project.manifest.nodes.values()
        if node.name.startswith("still_released_")
    }
    assert (f"model.ddrc.{SOURCES[source].mart}", "error") in tested
