"""Incomplete and invalid Airtable entries, treated as the dbt project's README lists."""

import pytest

from tests.transform.conftest import Build
from tests.transform.project import NO_UNIT_TESTS, Outcome, Project
from tests.transform.raw_tables import Row
from tests.transform.rows import TABLES, airtable

OLD, NEW, NEWEST = (f"2026-11-{day} 09:00:00+00:00" for day in ("01", "02", "03"))
FREQUENCY = "UPDATE_FREQUENCY_FROM_METRIC_DEFINITION_"
TYPE = "METRIC_TYPE_FROM_METRIC_DEFINITION_"
NAME = "METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_"
LATER_SYNC = "2026-11-21 02:00:00+00:00"

ENTRIES: list[Row] = [
    airtable("a1", "empty_value", 5, OLD),
    airtable("a2", "empty_value", None, NEW),
    airtable("b1", "same_time", 1, NEW, _FIVETRAN_SYNCED=LATER_SYNC),
    airtable("b2", "same_time", 2, NEW),
    airtable("c1", "same_sync", 1, NEW),
    airtable("c2", "same_sync", 2, NEW),
    airtable("d1", [], 7, NEW),
    airtable("d2", [" "], 7, NEW),
    airtable("e1", ["first_name", "second_name"], 8, NEW),
    airtable("f1", "unknown_frequency", 9, NEW, **{FREQUENCY: ["quarterly"]}),
    airtable("f2", "no_frequency", 9, NEW, **{FREQUENCY: None}),
    airtable("g1", "upper_case", 10, NEW, **{FREQUENCY: [" Daily "], TYPE: ["Count"]}),
    airtable("h1", "half_a_count", 3, OLD),
    airtable("h2", "half_a_count", 3.5, NEW),
    airtable("h3", "half_a_count", -4, NEWEST),
    airtable("i1", "no_type", 11, NEW, **{TYPE: []}),
    airtable("j1", "dollars", 1.25, NEW, **{TYPE: ["dollars - millions"]}),
    airtable("k1", "another_type", 0.5, NEW, **{TYPE: ["percent"]}),
    # Airtable allows one linked record here, so each lookup is a plain text.
    airtable("l1", "", 12, NEW, **{NAME: " plain_text ", TYPE: "Count", FREQUENCY: "daily"}),
]


@pytest.fixture(scope="module")
def built(project: Project, first_build: Build) -> Outcome:
    project.load({TABLES["airtable"]: ENTRIES})
    excluded = ("--exclude", "test_name:still_released")
    return project.dbt("build", "--select", "tag:airtable", *excluded, *NO_UNIT_TESTS)


@pytest.fixture(scope="module")
def published(project: Project, built: Outcome) -> dict[str, tuple[float, str, str]]:
    return {
        row["METRIC_NAME"]: (
            float(row["METRIC_VALUE"]),
            row["METRIC_TYPE"],
            row["UPDATE_FREQUENCY"],
        )
        for row in project.mart("airtable_metrics")
    }


def test_invalid_entries_do_not_block_the_others(built: Outcome) -> None:
    assert built.success


def test_the_newest_publishable_entry_of_a_name_is_published(
    published: dict[str, tuple[float, str, str]],
) -> None:
    assert {name: value for name, (value, _, _) in published.items()} == {
        "empty_value": 5,
        "same_time": 1,
        "same_sync": 2,
        "first_name": 8,
        "unknown_frequency": 9,
        "no_frequency": 9,
        "upper_case": 10,
        "half_a_count": 3,
        "dollars": 1.25,
        "another_type": 0.5,
        "plain_text": 12,
    }


def test_frequencies_and_types_have_the_published_spelling(
    published: dict[str, tuple[float, str, str]],
) -> None:
    assert published["unknown_frequency"][1:] == ("count", "as needed")
    assert published["no_frequency"][1:] == ("count", "as needed")
    assert published["upper_case"][1:] == ("count", "daily")
    assert published["another_type"][1:] == ("percent", "weekly")
    assert published["plain_text"][1:] == ("count", "daily")


def test_staff_are_warned_of_each_kind_of_invalid_entry(built: Outcome) -> None:
    warned = built.named("warn")
    kinds = {
        "airtable_newest_entry_is_publishable",
        "accepted_values_stg_airtable__metrics_metric_name_count",
        "accepted_values_stg_airtable__metrics_metric_type",
        "accepted_values_stg_airtable__metrics_update_frequency",
        "not_null_stg_airtable__metrics_update_frequency",
    }
    assert {kind for kind in kinds if any(name.startswith(kind) for name in warned)} == kinds
    assert len(warned) == len(kinds)
