"""Words of a source that a rule names: other letters, outer blanks, a new spelling, a new word."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.transform.conftest import Build
from tests.transform.project import NO_UNIT_TESTS, Outcome, Project
from tests.transform.raw_tables import Row
from tests.transform.released import release, release_all
from tests.transform.rows import TABLES, epa, pasadena, usace

NBSP = "\u00a0"
DATED = {"ROE_SUBMITTED": "2025-05-01", "ROE_APPROVED": "2025-05-02"}


@pytest.fixture(autouse=True)
def unreleased(project: Project, first_build: Build) -> Any:
    """Nothing is released, so that a mart may hold what it counts here."""
    release(project, {})
    yield
    release_all(project)


def built(project: Project, source: str, rows: Sequence[Row]) -> Outcome:
    project.load({TABLES[source]: rows})
    return project.dbt("build", "--select", f"tag:{source}", *NO_UNIT_TESTS)


def reported(project: Project, outcome: Outcome, status: str) -> list[tuple[Any, ...]]:
    """The rows of the tests that ended with this status."""
    tests = [one.node for one in outcome.result.results if str(one.status) == status]
    return [tuple(row.values()) for test in tests for row in project.execute(test.compiled_code)]


def permits(in_review: str | None, *others: str | None) -> list[Row]:
    statuses = [in_review, in_review, "Issued", *others]
    return [pasadena(f"B-{number}", status) for number, status in enumerate(statuses)]


@pytest.mark.parametrize(
    "spelling", ["In review", "IN REVIEW", f"{NBSP}In Review{NBSP}", "in review\t"]
)
def test_letters_case_and_outer_blanks_change_no_count(spelling: str, project: Project) -> None:
    outcome = built(project, "pasadena", permits(spelling))
    assert outcome.named("warn", "fail") == set()
    assert project.metrics("pasadena_metrics")["pasadena_rebuild_applications_in_review"][0] == 2


def test_a_withdrawn_right_of_entry_is_left_out_however_it_is_written(project: Project) -> None:
    statuses = ["approved", "Returned_Withdrawn", f"RETURNED_INELIGIBLE{NBSP}", None]
    outcome = built(
        project,
        "usace",
        [usace(n, **DATED, ROE_STATUS=status) for n, status in enumerate(statuses)]
        + [usace(9, EVENT_SUB_NAME="Palisades", ROE_STATUS=None)],
    )
    assert outcome.named("warn", "fail") == set()
    assert project.metrics("usace_metrics")["phase2_roes_accepted"][0] == 1


@pytest.mark.parametrize(
    ("source", "rows", "failing"),
    [
        (
            "pasadena",
            permits("Under Review", "Under Review", "On Hold", "Applied"),
            [
                ("permit_status", "in review", "On Hold", 1),
                ("permit_status", "in review", "Under Review", 3),
            ],
        ),
        # A word that vanished while rows have no value: nobody knows which they are.
        ("pasadena", permits(None), [("permit_status", "in review", "no value", 2)]),
        (
            "epa",
            [epa(1, "Phase 1 Done"), epa(2, "Deferred to Phase 2"), epa(3, "Unknown")],
            [("public_status", "phase 1 complete", "Phase 1 Done", 1)],
        ),
        (
            "epa",
            [epa(1, "Phase 1 Complete", "Homes"), epa(2, "Deferred to Phase 2", "Commercial")],
            [("land_use", "residential", "Homes", 1)],
        ),
        (
            "usace",
            [
                usace(1, **DATED),
                usace(2, EVENT_SUB_NAME="Palisades", ROE_STATUS="withdrawn_by_owner"),
                usace(3, ROE_STATUS="returned_ineligible"),
            ],
            [("roe_status", "returned_withdrawn", "withdrawn_by_owner", 1)],
        ),
    ],
)
def test_a_word_with_a_new_spelling_fails_before_its_mart_is_built(
    source: str, rows: list[Row], failing: list[tuple[object, ...]], project: Project
) -> None:
    outcome = built(project, source, rows)
    assert sorted(reported(project, outcome, "fail")) == failing
    assert outcome.statuses[f"{source}_metrics"] == "skipped"


def test_a_zero_that_the_rows_say_in_known_words_is_right(project: Project) -> None:
    outcome = built(project, "pasadena", permits("Finaled", "Withdrawn"))
    assert outcome.named("warn", "fail") == set()
    assert project.metrics("pasadena_metrics")["pasadena_rebuild_applications_in_review"][0] == 0


def test_a_right_of_entry_without_a_status_may_be_all_that_is_left_out(project: Project) -> None:
    rows = [usace(1, **DATED), usace(2, EVENT_SUB_NAME="Palisades", **DATED, ROE_STATUS=" ")]
    outcome = built(project, "usace", rows)
    assert outcome.named("warn", "fail") == set()
    assert project.metrics("usace_metrics")["phase2_roes_accepted"][0] == 1


def test_a_value_never_seen_before_is_reported_with_its_rows(project: Project) -> None:
    rows = permits("In Review", "On Hold", f"on hold{NBSP}", "Revoked", None)
    outcome = built(project, "pasadena", rows)
    assert sorted(reported(project, outcome, "warn")) == [
        ("permit_status", "On Hold", 2),
        ("permit_status", "Revoked", 1),
    ]
    assert outcome.statuses["pasadena_metrics"] == "success"


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda sql: sql.replace("'in_planning'", "'planning'"),
        lambda sql: sql.replace("malibu.application_stage", "malibu.stage"),
    ],
)
def test_a_rule_cannot_name_a_word_that_is_not_declared(
    rewrite: Callable[[str], str], project: Project
) -> None:
    outcome = project.rewritten("malibu_metrics", rewrite).dbt("run", "--select", "malibu_metrics")
    assert outcome.statuses == {"malibu_metrics": "error"}
