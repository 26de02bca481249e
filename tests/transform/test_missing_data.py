"""Marts whose source is empty, was never loaded, or breaks its contract."""

from tests.transform.project import NO_UNIT_TESTS, Project
from tests.transform.rows import EXPECTED, TABLES, WORLD

USACE = TABLES["usace"]
NULL_TIMES = [{**row, "_LOADED_AT": None} for row in WORLD[USACE]]
BUILD_USACE = ("build", "--select", "tag:usace", *NO_UNIT_TESTS)


def test_an_empty_raw_table_leaves_the_last_good_metrics_in_place(usace: Project) -> None:
    usace.load({USACE: []})
    outcome = usace.dbt(*BUILD_USACE)
    assert outcome.named("fail") == {"at_least_one_stg_usace__parcels_object_id"}
    assert outcome.statuses["usace_metrics"] == "skipped"
    assert usace.metrics("usace_metrics") == EXPECTED["usace_metrics"]


def test_an_empty_raw_table_never_becomes_a_zero(usace: Project) -> None:
    usace.load({USACE: []})
    assert usace.dbt("run", "--select", "usace_metrics").success
    assert usace.metrics("usace_metrics") == {}


def test_a_mart_that_breaks_its_contract_is_refused_and_the_old_one_stays(
    usace: Project,
) -> None:
    broken = usace.rewritten(
        "usace_metrics", lambda sql: f"select metric_name, 'many' as metric_value from ({sql})"
    )
    outcome = broken.dbt("run", "--select", "usace_metrics")
    assert outcome.statuses == {"usace_metrics": "error"}
    assert "contract" in outcome.messages()
    assert usace.metrics("usace_metrics") == EXPECTED["usace_metrics"]


def test_a_null_that_the_contract_forbids_is_refused_and_the_old_rows_stay(
    usace: Project,
) -> None:
    usace.load({USACE: NULL_TIMES})
    outcome = usace.dbt("run", "--select", "usace_metrics")
    assert outcome.statuses == {"usace_metrics": "error"}
    assert "NULL result in a non-nullable column" in outcome.messages()
    assert usace.metrics("usace_metrics") == EXPECTED["usace_metrics"]


def test_a_load_without_a_time_is_refused_before_its_mart_is_built(usace: Project) -> None:
    usace.load({USACE: NULL_TIMES})
    outcome = usace.dbt(*BUILD_USACE)
    assert outcome.named("fail") == {"not_null_stg_usace__parcels_loaded_at"}
    assert outcome.statuses["usace_metrics"] == "skipped"
    assert usace.metrics("usace_metrics") == EXPECTED["usace_metrics"]


def test_a_fraction_of_a_count_fails_the_marts_test(usace: Project) -> None:
    broken = usace.rewritten(
        "usace_metrics",
        lambda sql: sql.replace(
            "count(distinct object_id) as metric_value",
            "count(distinct object_id) / 4 as metric_value",
            1,
        ),
    )
    outcome = broken.dbt("build", "--select", "usace_metrics", *NO_UNIT_TESTS)
    assert outcome.named("fail") == {"whole_counts_usace_metrics_metric_value"}
