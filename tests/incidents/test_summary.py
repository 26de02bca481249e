"""The runbook page of an incident: that of its alert type, or that of a cause of its own."""

from dataclasses import replace

import pytest

from include.incidents.alert_types import ENDED_BY, SECTIONS
from include.incidents.errors import describe_error
from include.incidents.summary import affected, headline, runbook_page
from local.home import REPOSITORY
from tests.documents.pages import anchors
from tests.incidents.error_texts import rendered
from tests.incidents.sample_incidents import LATE, MISSING, failed, incident

QUOTA = (
    "090073 (22000): Warehouse 'W' cannot be resumed because resource monitor 'DDRC_PRD' has "
    "exceeded its quota."
)
QUOTA_PAGE = "docs/runbooks/load.md#a-reached-credit-quota"


@pytest.mark.parametrize("task", ["epa.load", "usace.unload", "epa.transform.epa_metrics"])
def test_a_reached_quota_has_the_same_page_whatever_failed(task: str) -> None:
    error = describe_error(rendered(QUOTA, 1), "ProgrammingError").line

    assert runbook_page(incident(failed(task, error=error))) == QUOTA_PAGE


@pytest.mark.parametrize(("task", "page"), [("epa.load", "load"), ("usace.unload", "unload")])
def test_any_other_error_has_the_page_of_its_alert_type(task: str, page: str) -> None:
    made = incident(failed(task, error="epa: HTTP status 503"))

    assert runbook_page(made) == f"docs/runbooks/{page}.md#act"


def test_the_headline_of_a_finding_counts_the_others_of_its_incident() -> None:
    assert headline(incident(LATE)) == LATE.error.rstrip(".")
    both = replace(incident(LATE), problems=(LATE, replace(LATE, key="another")))
    assert headline(both) == f"{LATE.error.rstrip('.')} (and 1 more)"


def test_a_wrong_file_without_named_metrics_affects_all() -> None:
    assert affected(incident(MISSING)) == "all"
    assert affected(incident(LATE)) == "schools_resumed"


@pytest.mark.parametrize("section", SECTIONS.values())
def test_every_section_exists(section: str) -> None:
    page, anchor = section.split("#")

    assert anchor in anchors(REPOSITORY / page)


def test_an_error_with_a_section_has_a_remedy_too() -> None:
    assert set(SECTIONS) <= set(ENDED_BY)
