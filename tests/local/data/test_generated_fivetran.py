"""The generated manual metrics and feedback forms."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from include.publishing.contract import FREQUENCIES

Read = Callable[[str], Any]
Row = dict[str, Any]

SHOWN = [
    "people_helped_drc",
    "people_helped_fema_individuals",
    "people_helped_fema_funds",
    "schools_resumed",
    "schools_resumed_inperson",
    "schools_resumed_virtual",
    "water_safe_to_drink",
    "water_restoration",
    "air_mobile_survey_complete",
    "air_mobile_survey_planned",
    "air_stationary_deployed",
    "air_stationary_planned",
    "cleanup_phase1_parcels",
    "cleanup_phase2_optin",
    "cleanup_phase2_optout",
    "cleanup_phase2_roe_submitted",
    "la_city_applications_received",
    "la_city_in_review",
    "la_city_permits_issued",
    "county_rebuild_applications_received",
    "county_zoning_reviews_cleared",
    "county_building_plan_reviews_in_process",
    "county_building_permits_issued",
    "county_housing_permit_applications_received",
]


def values(lookup: Any) -> list[str]:
    """A lookup's values: an array, or a plain one where Airtable allows one linked record."""
    return lookup if isinstance(lookup, list) else [lookup] if lookup else []


@pytest.fixture(scope="session")
def by_metric(read: Read) -> dict[str, list[Row]]:
    """Rows by machine name, oldest first."""
    found = defaultdict(list)
    for row in read("fivetran/airtable/rows.json"):
        for name in values(row["METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_"]) or ["none"]:
            found[name].append(row)
    return {
        name: sorted(rows, key=lambda row: str(row["DATE_CREATED"])) for name, rows in found.items()
    }


@pytest.mark.parametrize("name", SHOWN)
def test_every_metric_that_the_page_shows_has_a_history(
    by_metric: dict[str, list[Row]], name: str
) -> None:
    rows = [row for row in by_metric[name] if row["METRIC"] is not None]
    kind = "dollars - millions" if name == "people_helped_fema_funds" else "count"

    assert len(rows) >= 3
    for row in rows:
        assert row["METRIC_TYPE_FROM_METRIC_DEFINITION_"][0] == kind
        assert row["UPDATE_FREQUENCY_FROM_METRIC_DEFINITION_"][0] in FREQUENCIES
        assert row["METRIC"] >= 0
        assert kind != "count" or row["METRIC"] == int(row["METRIC"])


def test_values_grow_with_time(by_metric: dict[str, list[Row]]) -> None:
    values = [row["METRIC"] for row in by_metric["people_helped_drc"] if row["METRIC"] is not None]

    assert values == sorted(values)
    assert values[0] < values[-1]


def test_staff_also_kept_metrics_that_are_computed_now(by_metric: dict[str, list[Row]]) -> None:
    assert {"phase2_parcels_completed", "malibu_building_permits_issued"} <= by_metric.keys()


def test_some_rows_have_no_value_or_no_definition_or_two(read: Read) -> None:
    rows = read("fivetran/airtable/rows.json")
    names = [row["METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_"] for row in rows]

    assert sum(row["METRIC"] is None for row in rows) == 2
    assert names.count(None) == 1
    assert sum(len(values(name)) == 2 for name in names) == 1


def test_a_lookup_is_an_array_or_a_plain_text(read: Read) -> None:
    rows = read("fivetran/airtable/rows.json")
    kinds = {type(row["METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_"]) for row in rows}

    assert kinds == {list, str, type(None)}


def test_the_tables_have_the_columns_of_the_real_account(read: Read) -> None:
    metrics = read("fivetran/airtable/schema.json")["columns"]
    feedback = read("fivetran/page_feedback/schema.json")["columns"]

    assert {
        "DATE_CREATED": "TIMESTAMP_TZ",
        "METRIC": "FLOAT",
        "METRIC_MODIFIED_BY": "VARIANT",
        "AS_OF_DATE_AND_TIME": "VARCHAR",
        "AS_OF_DATE_AND_TIME_COPY": "TIMESTAMP_TZ",
        "DATETIME_OFFSET_NUMBER": "NUMBER(38,0)",
    }.items() <= metrics.items()
    assert len(metrics) == 23
    assert feedback["TIME"] == "NUMBER(38,0)"
    assert len(feedback) == 10


def test_contacts_are_fictional_and_their_addresses_reach_nobody(read: Read) -> None:
    rows = read("fivetran/airtable/rows.json")
    addresses = {
        address
        for row in rows
        for address in values(row["METRIC_CONTACT_EMAIL_FROM_METRIC_DEFINITION_"])
    }

    assert addresses
    assert all(address.endswith("@example.org") for address in addresses)


def test_feedback_is_helpful_or_not_or_says_neither_and_some_is_deleted(read: Read) -> None:
    rows = read("fivetran/page_feedback/rows.json")

    assert {row["IS_HELPFUL"] for row in rows} == {True, False, None}
    assert 0 < sum(row["_FIVETRAN_DELETED"] for row in rows) < len(rows) / 20
    assert len({row["FEEDBACK_KEY"] for row in rows}) == len(rows)
    assert any(row["PAGE"] is None for row in rows)


@pytest.mark.parametrize("hostile", ["<script>", "@channel", "\r\n", "DROP TABLE", "=HYPERLINK"])
def test_some_comments_are_hostile(read: Read, hostile: str) -> None:
    comments = [row["COMMENTS"] or "" for row in read("fivetran/page_feedback/rows.json")]

    assert any(hostile in comment for comment in comments)
