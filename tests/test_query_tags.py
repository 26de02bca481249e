"""A query tag is a small JSON object that says what a statement is for."""

import json

from include.query_tags import ALL_SOURCES, query_tag, source_of
from include.sources import SOURCES


def test_a_tag_is_one_json_object_of_what_is_known() -> None:
    tag = query_tag("epa", "epa", task="load", run="manual__2026-11-24T14:27:00+00:00")

    assert json.loads(tag) == {
        "app": "ddrc",
        "dag": "epa",
        "task": "load",
        "run": "manual__2026-11-24T14:27:00+00:00",
        "source": "epa",
    }
    assert " " not in tag


def test_a_session_of_several_tasks_names_neither_task_nor_run() -> None:
    assert query_tag("epa", "epa") == '{"app":"ddrc","dag":"epa","source":"epa"}'


def test_whatever_is_no_sources_own_is_for_all_of_them() -> None:
    assert [source_of(source) for source in SOURCES] == list(SOURCES)
    assert source_of("publish_metrics") == ALL_SOURCES
