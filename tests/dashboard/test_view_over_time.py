"""The view Over time: everything on the page, and what its choices change."""

from datetime import date, timedelta
from typing import Any

import pytest

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import COLUMN, DOWNLOAD, PERIOD, Draw, channel, rows_of, several

COLUMNS: dict[str, Kind] = {
    "metric_name": "text",
    "day": "day",
    "metric_value": "number",
    "unit_label": "text",
}
INCIDENTS: dict[str, Kind] = {
    "kind": "text",
    "severity": "text",
    "dag": "text",
    "opened_at": "time",
    "public_sees": "text",
}
ROWS = {
    "published_by_day": rows_of(
        COLUMNS,
        ("cleanup_a", "2026-11-18", 1000, "parcels"),
        ("cleanup_a", "2026-11-19", 1100, "lots"),
        ("cleanup_b", "2026-11-19", 12, "things"),
        ("people_x", "2026-11-17", 12, "things"),
    ),
    # The last one began before the charts' first day, in California.
    "incidents": rows_of(
        INCIDENTS,
        ("load", "high", "usace", "2026-11-20 09:00", "old values"),
        ("load", "low", "epa", "2026-11-18 10:00", "nothing"),
        ("load", "low", "epa", "2026-11-18 05:00", "nothing"),
    ),
}

RULES: Any = {
    "data": {
        "began": ["2026-11-20 01:00", "2026-11-18 02:00"],
        "severity": ["high", "low"],
        "dag": ["usace", "epa"],
        "kind": ["load", "load"],
        "public_sees": ["old values", "nothing"],
    },
    "mark": {"type": "rule", "strokeWidth": 1.5},
    "encoding": {
        "color": channel(
            "severity",
            "nominal",
            legend=None,
            scale={"domain": ["high", "low"], "range": ["#D55E00", "#8C8C8C"]},
        ),
        "strokeDash": channel(
            "severity",
            "nominal",
            legend=None,
            scale={"domain": ["high", "low"], "range": [[1, 0], [4, 3]]},
        ),
        "tooltip": [
            channel("began", "temporal", format="%b %d, %H:%M", title="Began"),
            channel("dag", "nominal", title="DAG"),
            channel("kind", "nominal", title="Kind"),
            channel("severity", "nominal", title="Severity"),
            channel("public_sees", "nominal", title="The public saw"),
        ],
        "x": channel("began", "temporal"),
    },
}
LINE: Any = {"type": "line", "color": "#0072B2", "interpolate": "step-after", "point": True}
TOOLTIP: Any = [
    channel("day", "temporal", title="Day"),
    channel("metric_value", "quantitative", format=",.2~f", title="Value"),
]
DAY: Any = channel("day", "temporal", title=None)
AXIS: Any = {"format": ",.2~f", "tickCount": 4}


def test_the_page_shows_the_first_topic_with_the_beginnings_of_incidents(draw: Draw) -> None:
    drawn = draw("over_time", ROWS)

    assert drawn.elements == [
        PERIOD,
        (
            "selectbox",
            {
                "label": "Topic",
                "default": 0,
                "options": ["Debris removal", "People and schools"],
                "acceptNewOptions": False,
            },
        ),
        several("Metrics", "Cleanup a", "Cleanup b"),
        COLUMN,
        ("markdown", "**Cleanup a**"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "data": {
                            "metric_name": ["cleanup_a", "cleanup_a"],
                            "day": ["2026-11-18", "2026-11-19"],
                            "metric_value": [1000.0, 1100.0],
                            "unit_label": ["parcels", "lots"],
                            "topic": ["Debris removal", "Debris removal"],
                        },
                        "mark": LINE,
                        "encoding": {
                            "tooltip": TOOLTIP,
                            "x": DAY,
                            "y": channel(
                                "metric_value",
                                "quantitative",
                                axis=AXIS,
                                scale={"zero": False},
                                title="lots",
                            ),
                        },
                    },
                    RULES,
                ],
                "height": 200,
            },
        ),
        COLUMN,
        ("markdown", "**Cleanup b**"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "data": {
                            "metric_name": ["cleanup_b"],
                            "day": ["2026-11-19"],
                            "metric_value": [12.0],
                            "unit_label": ["things"],
                            "topic": ["Debris removal"],
                        },
                        "mark": LINE,
                        "encoding": {
                            "tooltip": TOOLTIP,
                            "x": DAY,
                            "y": channel(
                                "metric_value",
                                "quantitative",
                                axis=AXIS,
                                scale={"zero": False},
                                title="things",
                            ),
                        },
                    },
                    RULES,
                ],
                "height": 200,
            },
        ),
        (
            "caption",
            (
                "A vertical line marks the beginning of an incident: solid if the public saw"
                " something wrong (severity high), dashed if not (low). Pipeline health lists"
                " the incidents."
            ),
        ),
        DOWNLOAD,
    ]
    assert drawn.keys == ["over-time-cleanup_a", "over-time-cleanup_b"]
    assert drawn.asked == [
        ("published_by_day", date(2026, 8, 22)),
        ("incidents", date(2026, 8, 22)),
    ]
    assert drawn.downloads == [
        (
            "metrics-over-time.csv",
            (
                "metric_name,day,metric_value,unit_label\n"
                "cleanup_a,2026-11-18,1000.0,parcels\n"
                "cleanup_a,2026-11-19,1100.0,lots\n"
                "cleanup_b,2026-11-19,12.0,things\n"
            ),
        ),
    ]


@pytest.mark.parametrize(("days", "points"), [(39, True), (40, False)])
def test_a_short_line_marks_its_days(days: int, points: bool, draw: Draw) -> None:
    first = date(2026, 10, 1)
    rows = [("air_x", str(first + timedelta(days=number)), 5, "things") for number in range(days)]
    [line] = draw("over_time", {"published_by_day": rows_of(COLUMNS, *rows)}).of_kind(
        "vega_lite_chart"
    )
    assert line["mark"]["point"] is points
    assert line["height"] == 200


def test_a_day_without_incidents_has_no_marks(draw: Draw) -> None:
    drawn = draw("over_time", {"published_by_day": ROWS["published_by_day"]})
    assert [list(chart) for chart in drawn.of_kind("vega_lite_chart")] == [
        ["data", "mark", "encoding", "height"]
    ] * 2
    assert drawn.of_kind("caption") == ["No incident was open in this period."]


def test_incidents_before_the_charts_days_are_no_marks(draw: Draw) -> None:
    early = rows_of(INCIDENTS, ("load", "low", "epa", "2026-11-18 07:59", "nothing"))
    drawn = draw("over_time", {**ROWS, "incidents": early})
    assert [list(chart) for chart in drawn.of_kind("vega_lite_chart")] == [
        ["data", "mark", "encoding", "height"]
    ] * 2
    assert len(drawn.of_kind("caption")) == 1
    midnight = rows_of(INCIDENTS, ("load", "low", "epa", "2026-11-18 08:00", "nothing"))
    marked = draw("over_time", {**ROWS, "incidents": midnight}).of_kind("vega_lite_chart")
    assert marked[0]["layer"][1]["data"]["began"] == ["2026-11-18"]


def test_only_the_chosen_topic_and_metrics_are_shown(draw: Draw) -> None:
    drawn = draw("over_time", ROWS)
    drawn.app.multiselect[0].set_value(["cleanup_b"]).run()
    assert drawn.of_kind("markdown") == ["**Cleanup b**"]
    assert drawn.downloads[-1][1].count("\n") == 2
    drawn.app.selectbox[0].set_value("People and schools").run()
    assert drawn.of_kind("markdown") == ["**People x**"]
    drawn.app.multiselect[0].set_value([]).run()
    assert drawn.elements[-1] == ("info", "Choose a metric.")


def test_a_metric_of_no_topic_is_shown_under_other(draw: Draw) -> None:
    rows = rows_of(COLUMNS, ("zoo*", "2026-11-17", 12, "things"))
    drawn = draw("over_time", {"published_by_day": rows})
    assert drawn.of_kind("selectbox")[0]["options"] == ["Other"]
    assert drawn.of_kind("markdown") == [r"**Zoo\***"]
