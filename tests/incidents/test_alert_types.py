"""Every task that can fail has a kind of alert, and every kind has its page and section."""

import re
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag

from include.incidents.alert_types import ANCHOR, KINDS, kind_of
from local.home import REPOSITORY

RUNBOOKS = REPOSITORY / "docs" / "runbooks"
SECTIONS = ("symptom", "what-the-public-sees", "check", "act", "escalate")


def anchors(page: Path) -> list[str]:
    """The anchors that GitHub gives a page's second-level headings."""
    headings = re.findall(r"^## (.+)$", page.read_text(), re.M)
    return [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]


def test_every_task_of_every_dag_has_a_kind_and_every_kind_a_task() -> None:
    bag = DagBag(dag_folder=str(REPOSITORY / "dags"))
    met = {kind_of(dag_id, task).name for dag_id, dag in bag.dags.items() for task in dag.task_ids}
    assert met == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_its_page_with_the_section_that_the_button_opens(name: str) -> None:
    page, anchor = KINDS[name].page.split("#")
    assert anchor == ANCHOR
    assert anchors(REPOSITORY / page) == list(SECTIONS)


def test_every_page_belongs_to_a_kind_and_is_listed() -> None:
    pages = {page.stem for page in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == set(KINDS)
    overview = (RUNBOOKS / "README.md").read_text()
    for page in pages:
        assert f"({page}.md)" in overview, page


def test_only_steps_that_write_or_judge_the_public_file_touch_it() -> None:
    touching = {kind.name for kind in KINDS.values() if kind.touches}
    assert touching == {"release", "promotion", "verification", "public-file"}
