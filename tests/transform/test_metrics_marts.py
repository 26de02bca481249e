"""One build of everything: its outcome, and the rows of the marts."""

import pytest
import yaml  # type: ignore[import-untyped]

from include.publishing.contract import FREQUENCIES
from include.sources import COMPUTED, SOURCES
from include.transform_project import PROJECT, metric_definitions, project_variables
from tests.transform.conftest import Build
from tests.transform.project import Outcome, by_name
from tests.transform.rows import EXPECTED

UNIT_TESTS = [
    test["name"]
    for file in sorted((PROJECT / "models").rglob("*.yml"))
    for test in yaml.load(file.read_text(), yaml.CSafeLoader).get("unit_tests", ())
]


@pytest.mark.parametrize("name", UNIT_TESTS)
def test_a_unit_test_passes(name: str, unit_tests: Outcome) -> None:
    assert unit_tests.statuses[name] == "pass", unit_tests.message(name)


def test_frequencies_are_those_of_the_published_contract() -> None:
    assert tuple(project_variables()["update_frequencies"]) == FREQUENCIES


def test_a_build_of_the_small_data_warns_of_two_entries_and_fails_nothing(
    first_build: Build,
) -> None:
    outcome = first_build.outcome
    assert outcome.named("error", "fail", "skipped") == set(), outcome.messages()
    warned = {name.partition("__rebuild_points")[0] for name in outcome.named("warn")}
    # A stage that is new to us, and entries without a value or a definition.
    assert warned == {"known_words_stg_malibu", "airtable_newest_entry_is_publishable"}
    assert outcome.warnings == []


@pytest.mark.parametrize("mart", EXPECTED)
def test_each_rule_counts_what_a_person_counts(mart: str, first_build: Build) -> None:
    assert by_name(first_build.mart(mart)) == EXPECTED[mart]


@pytest.mark.parametrize("source", metric_definitions())
def test_each_metric_is_published_under_its_one_definition(source: str, first_build: Build) -> None:
    published = {
        (
            row["METRIC_NAME"],
            row["METRIC_UNIT_LABEL"],
            row["METRIC_TYPE"],
            row["UPDATE_FREQUENCY"],
        )
        for row in first_build.mart(SOURCES[source].mart)
    }
    declared = {
        (metric.name, metric.unit_label, metric.type, metric.frequency)
        for metric in metric_definitions()[source]
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
    rows = first_build.mart("ddrc_metrics")
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
        for row in first_build.mart("feedback_by_page_and_week")
    }
    assert rows == {
        ("/track-progress/", "2026-11-02", 4, 2, 0.5),
        ("/track-progress/", "2026-11-09", 1, 0, 0.0),
        ("/get-help-online/", "2026-11-02", 2, 1, 0.5),
        ("/get-help-online/", "2026-11-09", 1, 1, 1.0),
        ("/rebuilding/", "2026-11-09", 1, 1, 1.0),
        ("/rebuilding/", "2026-11-16", 1, 0, 0.0),
        ("unknown", "2026-11-09", 1, 0, 0.0),
    }
