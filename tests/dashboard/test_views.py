"""Every view with a year of history, with an empty warehouse, and without Snowflake."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from include.dashboard.fetch import DOWN
from local import dashboard
from local.cloud import Cloud
from local.ports import free_ports
from tests.dashboard import year

VIEWS = sorted(file.stem for file in (dashboard.APP.parent / "views").glob("[!_]*.py"))
View = Callable[..., AppTest]

# The number of charts of each view.
CHARTS = {
    "now": 0,
    # The topic's only metric, and the comparison.
    "over_time": 2,
    "on_a_map": 1,
    "permits": 1,
    "feedback": 2,
    "pipeline": 2,
    "cost": 1,
}


def notices(app: AppTest) -> list[str]:
    """The page's sentences about missing data and failures."""
    return [notice.value for notice in (*app.info, *app.error, *app.warning)]


def charts(app: AppTest) -> int:
    return len(app.get("arrow_vega_lite_chart")) + len(app.get("vega_lite_chart"))


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_shows_a_year_of_history(name: str, history: Cloud, view: View) -> None:
    app = view(name)
    if name != "on_a_map":
        app.segmented_control(key="period").set_value("1 year").run()

    assert not app.exception
    assert notices(app) == []
    assert charts(app) == CHARTS[name]
    assert not any(text.allow_html for text in app.markdown)
    assert len(app.get("download_button")) == (2 if name == "pipeline" else 1)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_of_an_empty_warehouse_says_what_is_missing(
    name: str, empty_warehouse: Cloud, view: View
) -> None:
    app = view(name)

    assert len(app.info) >= 1
    assert not app.error
    assert charts(app) == 0
    assert all(sentence.endswith(".") for sentence in notices(app))


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_says_that_snowflake_does_not_answer(name: str, history: Cloud, view: View) -> None:
    [unused] = free_ports(1)

    app = view(name, port=unused, login_timeout=1)

    assert notices(app) == [DOWN]
    assert charts(app) == 0


def test_a_view_whose_table_is_missing_leaves_the_others_working(
    history: Cloud, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.dashboard.queries.read.ACCOUNT_USAGE", "NOTHING.NOTHING")

    app = view("cost")
    assert len(app.info) == 1
    app.switch_page("views/now.py").run()

    assert notices(app) == []
    assert [metric.value for metric in app.metric] == ["18,520"]


def test_metrics_are_shown_with_how_they_changed(history: Cloud, view: View) -> None:
    app = view("now")
    app.pills[0].set_value("People and schools").run()

    [funds] = app.metric
    assert (funds.label, funds.value, funds.delta) == (
        "People helped FEMA funds", "$8,761 M", "+$2,171 M",
    )  # fmt: skip


def test_the_funnel_shows_the_share_that_was_issued(history: Cloud, view: View) -> None:
    app = view("permits")

    assert [text.value for text in app.markdown] == [
        "**100%** of 8,770 applications have their permit."
    ]


def test_a_map_of_nothing_requests_another_choice(history: Cloud, view: View) -> None:
    app = view("on_a_map")
    app.multiselect[0].set_value(["Unknown"]).run()
    app.multiselect[1].set_value(["In the queue"]).run()

    assert notices(app) == ["No rows are left: choose another fire or status."]


def test_a_day_before_all_history_says_so(history: Cloud, view: View) -> None:
    app = view("on_a_map")
    app.selectbox[0].set_value("EPA: hazardous materials (phase 1)")
    app.date_input[0].set_value(year.TODAY - timedelta(days=700)).run()

    [sentence] = notices(app)
    assert "keep_history" in sentence


def test_results_are_cached(history: Cloud, view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    app = view("cost")
    monkeypatch.setattr("include.dashboard.queries.read.ACCOUNT_USAGE", "NOTHING.NOTHING")

    app.run()

    assert notices(app) == []
