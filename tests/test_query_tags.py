"""A query tag is a small JSON object that names what a statement is for."""

import json

from include.query_tags import ALL_SOURCES, query_tag, source_of
from include.sources import SOURCES


def test_a_tag_is_one_json_object_without_spaces() -> None:
    tag = query_tag("epa", "epa", task="load", run="manual__2026-11-24T14:27:00+00:00")

    assert json.loads(tag) == {
        "app": "ddrc",
        "dag": "epa",
        "task": "load",
        "run": "manual__2026-11-24T14:27:00+00:00",
        "source": "epa",
    }
    assert " " not in tag


def test_the_tag_of_several_tasks_names_neither_task_nor_run() -> None:
    assert query_tag("epa", "epa") == '{"app":"ddrc","dag":"epa","source":"epa"}'


def test_anything_but_a_source_is_for_all_sources() -> None:
    assert [source_of(source) for source in SOURCES] == list(SOURCES)
    assert source_of("publish_metrics") == ALL_SOURCES == "all"
