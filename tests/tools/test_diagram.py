"""The committed diagram is what the code says, and changes with it."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from airflow.sdk import DAG, task

from include.sources import SOURCES
from tools.diagram.__main__ import IMAGE
from tools.diagram.drawing import draw
from tools.diagram.facts import Chain, Facts, Step, chain_of, gather


@pytest.fixture(scope="module")
def facts() -> Facts:
    return gather()


def test_the_committed_diagram_is_what_the_code_says(facts: Facts) -> None:
    assert IMAGE.read_text() == draw(facts), "draw it anew: .venv/bin/python -m tools.diagram"


def test_another_schedule_or_task_is_another_diagram(facts: Facts) -> None:
    usace = facts.chains["usace"]

    for changed in (
        replace(usace, when="cron 0 0 * * *"),
        replace(usace, steps=(*usace.steps, Step("gloat", 1))),
    ):
        chains = {**facts.chains, "usace": changed}
        assert draw(Facts(facts.origins, chains)) != IMAGE.read_text()


def test_every_source_and_every_dag_is_drawn(facts: Facts) -> None:
    drawn = {text.text for text in ElementTree.fromstring(draw(facts)).iter() if text.text}

    assert set(SOURCES) <= drawn
    assert {name for name in facts.chains if name not in SOURCES} <= drawn


def test_a_sources_facts_are_those_of_its_declaration(facts: Facts) -> None:
    malibu = facts.origins["malibu"]

    assert (malibu.kind, malibu.raw_schema, malibu.raw_tables) == (
        "4 JSON lists",
        "MALIBU_REBUILDS",
        4,
    )
    assert facts.origins["epa"].kind == "ArcGIS layer"
    assert facts.origins["airtable"].kind == "Fivetran"


def test_tasks_side_by_side_are_one_step() -> None:
    with DAG("example", schedule="5 * * * *") as dag:

        @task
        def load_left() -> None: ...

        @task
        def load_right() -> None: ...

        @task
        def unload() -> None: ...

        [load_left(), load_right()] >> unload()

    assert chain_of(dag) == Chain("example", "cron 5 * * * *", (Step("load", 2), Step("unload", 1)))


def test_a_broken_dag_is_no_diagram(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("from airflow.sdk import DAG\nraise RuntimeError\n")

    with pytest.raises(ValueError, match=r"do not parse"):
        gather(dags=tmp_path)
