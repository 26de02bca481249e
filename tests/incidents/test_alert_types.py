"""Alert types: every task has one, and each has a runbook page with the linked section."""

import re
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from include.incidents.alert_types import ALERT_TYPES, ANCHOR, alert_type_of
from local.home import REPOSITORY

# Only findings have these: `watch_dags` looks for them, and its failure is of the type `dags`.
OF_FINDINGS = {"secrets"}
RUNBOOKS = REPOSITORY / "docs" / "runbooks"
SECTIONS = ("symptom", "what-the-public-sees", "check", "act", "escalate")


def anchors(page: Path) -> list[str]:
    """The anchors that GitHub gives a page's second-level headings."""
    headings = re.findall(r"^## (.+)$", page.read_text(), re.M)
    return [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]


def test_every_alert_type_and_every_finding_says_what_to_do() -> None:
    for kind in ALERT_TYPES.values():
        for sentence in (kind.remedy, *kind.findings.values()):
            assert re.fullmatch(r"[A-Z].{10,}\.", sentence), (kind.name, sentence)


def test_each_finding_of_the_watch_has_its_own_remedy() -> None:
    assert {name: list(kind.findings) for name, kind in ALERT_TYPES.items() if kind.findings} == {
        "public-file": [
            ": earlier file",
            ": missing",
            ": unreachable",
            ": altered",
            ": not promoted",
            ": rewritten",
            ": no saved version",
            ": header",
            ": invalid ",
            ": invalid",
            " is late",
            ": unfinished restore",
            ": forgotten hold",
            ": not public",
        ],
        "dags": ["does not parse", " hangs", " is paused", " is missing", " is overdue"],
        "credits": [": 50 %", ": 80 %"],
        "secrets": ["30 days", "7 days", "has ended", "has no date", "invalid dates"],
    }


def test_every_task_has_an_alert_type_and_every_alert_type_a_task_or_findings() -> None:
    bag = DagBag(dag_folder=str(REPOSITORY / "dags"))
    found = {
        alert_type_of(dag_id, task).name
        for dag_id, dag in bag.dags.items()
        for task in dag.task_ids
    }
    assert found == set(ALERT_TYPES) - OF_FINDINGS
    assert all(ALERT_TYPES[name].findings for name in OF_FINDINGS)


@pytest.mark.parametrize("name", ALERT_TYPES)
def test_every_alert_type_has_a_page_with_the_section_that_the_button_opens(name: str) -> None:
    page, anchor = ALERT_TYPES[name].runbook_page.split("#")
    assert anchor == ANCHOR
    assert anchors(REPOSITORY / page) == list(SECTIONS)


def test_every_page_belongs_to_an_alert_type_and_is_listed() -> None:
    others = {"README", "runs", "data-warnings", "outside-watch"}
    pages = {page.stem for page in RUNBOOKS.glob("*.md")} - others
    assert pages == set(ALERT_TYPES)
    overview = (RUNBOOKS / "README.md").read_text()
    for page in pages:
        assert f"({page}.md)" in overview, page


def test_only_steps_that_write_or_check_the_public_file_may_have_changed_it() -> None:
    found = {item.name for item in ALERT_TYPES.values() if item.may_change_public_file}
    assert found == {"release", "promotion", "verification", "public-file"}
