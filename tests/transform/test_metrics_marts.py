"""One build of everything: its outcome, and the rows of the marts."""

import pytest
from dbt.clients.yaml_helper import load_yaml_text

from include.publishing.contract import FREQUENCIES
from tests.transform.conftest import Build
from tests.transform.project import PROJECT, by_name
from tests.transform.rows import EXPECTED

VARS = load_yaml_text((PROJECT / "dbt_project.yml").read_text())["vars"]
DEFINITIONS: dict[str, list[dict[str, str]]] = VARS["metric_definitions"]
COMPUTED = [source for source in DEFINITIONS if source not in VARS["for_analysis"]]


def test_frequencies_are_those_of_the_published_contract() -> None:
    assert tuple(VARS["update_frequencies"]) == FREQUENCIES


def test_a_build_of_valid_data_passes_every_test_without_a_warning(first_build: Build) -> None:
    outcome = first_build.outcome
    assert outcome.named("error", "fail", "warn", "skipped") == set()
    assert outcome.warnings == []


@pytest.mark.parametrize("mart", EXPECTED)
def test_each_rule_counts_what_a_person_counts(mart: str, first_build: Build) -> None:
    assert by_name(first_build.marts[mart]) == EXPECTED[mart]


@pytest.mark.parametrize("source", DEFINITIONS)
def test_each_metric_is_published_under_its_one_definition(source: str, first_build: Build) -> None:
    published = {
        (
            row["METRIC_NAME"],
            row["METRIC_UNIT_LABEL"],
            row["METRIC_TYPE"],
            row["UPDATE_FREQUENCY"],
        )
        for row in first_build.marts[f"{source}_metrics"]
    }
    declared = {
        (metric["name"], metric["unit_label"], metric["type"], metric["frequency"])
        for metric in DEFINITIONS[source]
    }
    assert published == declared


def test_the_summary_has_every_computed_metric_and_the_other_staff_entered_ones(
    first_build: Build,
) -> None:
    computed = {
        name: metric
        for source in COMPUTED
        for name, metric in EXPECTED[f"{source}_metrics"].items()
    }
    rows = first_build.marts["ddrc_metrics"]
    assert by_name(rows) == {**EXPECTED["airtable_metrics"], **computed}
    assert len(rows) == len(by_name(rows))


def test_feedback_is_counted_by_page_and_californian_week(first_build: Build) -> None:
    rows = {
        (
            row["PAGE"],
            row["WEEK_STARTING"].isoformat(),
            row["RESPONSES"],
            row["HELPFUL_RESPONSES"],
            float(row["HELPFUL_SHARE"]),
        )
        for row in first_build.marts["feedback_by_page_and_week"]
    }
    assert rows == {
        ("/home", "2026-11-02", 1, 1, 1.0),
        ("/home", "2026-11-09", 2, 1, 0.5),
        ("/data", "2026-11-09", 1, 0, 0.0),
    }
