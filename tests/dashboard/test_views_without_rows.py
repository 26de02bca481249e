"""What each view says if its queries have no rows."""

import pytest

from tests.dashboard.drawn import AS_OF, Draw

PUBLISHED_NOTHING = "Nothing was published in this period."
NO_LOAD = "No load was logged in this period."
# For each view: its sentences, and the queries that it made.
SENTENCES = {
    "now": (
        ["Nothing has been published yet: the DAG publish_metrics has not completed a run."],
        ["public_now"],
    ),
    "over_time": ([PUBLISHED_NOTHING], ["published_by_day"]),
    "on_a_map": (
        [
            "There is no history of this layer for that day: the DAG keep_history, which runs"
            " daily, had not recorded it yet."
        ],
        ["places"],
    ),
    "permits": (["No permits have been published yet."], ["public_now"]),
    "feedback": (["No visitor has answered in this period."], ["feedback_by_page_and_week"]),
    "pipeline": (
        [
            "No load has been logged yet.",
            "The mart of airtable is not built yet.",
            "The mart of page_feedback is not built yet.",
            NO_LOAD,
            "No incident was open in this period.",
        ],
        ["newest_loads", "newest_value", "newest_value", "loads_by_day", "incidents"],
    ),
    "cost": (
        [
            "The account's query history holds no statement of the pipeline in this period,"
            " or the dashboard's role may not read it."
        ],
        ["warehouse_cost"],
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_view_without_rows_says_what_is_missing(name: str, draw: Draw) -> None:
    sentences, queries = SENTENCES[name]
    drawn = draw(name, {})
    assert drawn.of_kind("info") == [f"{sentence} {AS_OF}" for sentence in sentences]
    assert [query for query, *_ in drawn.asked] == queries
    assert drawn.of_kind("vega_lite_chart") == drawn.of_kind("dataframe") == []
    assert drawn.downloads == []


def test_the_parts_of_pipeline_health_have_their_headings_all_the_same(draw: Draw) -> None:
    drawn = draw("pipeline", {})
    assert [kind for kind, _ in drawn.elements] == [
        "header",
        "info",
        "caption",
        "info",
        "info",
        "header",
        "button_group",
        "subheader",
        "info",
        "subheader",
        "info",
    ]
    assert drawn.of_kind("header") == ["Age of the data", "Loads and incidents"]
    assert drawn.of_kind("subheader") == ["Loads by day", "Incidents"]
