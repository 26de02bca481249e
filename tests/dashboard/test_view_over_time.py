"""The view Over time: everything on the page, and what its choices change."""

from datetime import date, timedelta
from typing import Any

import pytest

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import AS_OF, COLUMN, DOWNLOAD, PERIOD, Draw, Drawn, rows_of

COLUMNS: dict[str, Kind] = {
    "metric_name": "text",
    "day": "day",
    "metric_value": "number",
    "unit_label": "text",
    "made_up": "flag",
}
INCIDENTS: dict[str, Kind] = {
    "kind": "text",
    "severity": "text",
    "dag": "text",
    "opened_at": "time",
    "public_sees": "text",
}
COMPARED = "Two metrics compared"
ROWS = {
    "published_by_day": rows_of(
        COLUMNS,
        ("cleanup_a", "2026-11-18", 1000, "parcels", False),
        ("cleanup_a", "2026-11-19", 1100, "lots", False),
        ("cleanup_b", "2026-11-19", 12, "things", False),
        ("people_x", "2026-11-17", 12, "things", False),
    ),
    # The last one began before the charts' first day, in California.
    "incidents": rows_of(
        INCIDENTS,
        ("load", "high", "usace", "2026-11-20 09:00", "old values"),
        ("load", "low", "epa", "2026-11-18 10:00", "nothing"),
        ("load", "low", "epa", "2026-11-18 05:00", "nothing"),
    ),
}

LEGEND: Any = {
    "columns": 1,
    "labelLimit": 300,
    "orient": "bottom",
    "symbolType": "stroke",
    "title": None,
    "values": ["public value", "incident, severity low", "incident, severity high"],
}
COLOUR: Any = {
    "field": "shown",
    "legend": LEGEND,
    "scale": {
        "domain": [
            "public value",
            "made-up value, never public",
            "incident, severity low",
            "incident, severity high",
        ]
    },
    "type": "nominal",
}
DASH: Any = {
    "field": "shown",
    "legend": LEGEND,
    "scale": {
        "domain": [
            "public value",
            "made-up value, never public",
            "incident, severity low",
            "incident, severity high",
        ],
        "range": [[1, 0], [2, 3], [6, 4], [1, 0]],
    },
    "type": "nominal",
}
TOOLTIP: Any = [
    {"field": "day", "title": "Day", "type": "temporal"},
    {"field": "metric_value", "format": ",.2~f", "title": "Value", "type": "quantitative"},
    {"field": "shown", "title": "What", "type": "nominal"},
]
RULES: Any = {
    "data": {
        "began": ["2026-11-20 01:00", "2026-11-18 02:00"],
        "severity": ["high", "low"],
        "dag": ["usace", "epa"],
        "kind": ["load", "load"],
        "public_sees": ["old values", "nothing"],
        "shown": ["incident, severity high", "incident, severity low"],
    },
    "mark": {"type": "rule", "strokeWidth": 1.5},
    "encoding": {
        "color": COLOUR,
        "strokeDash": DASH,
        "tooltip": [
            {"field": "began", "format": "%b %d, %H:%M", "title": "Began", "type": "temporal"},
            {"field": "dag", "title": "DAG", "type": "nominal"},
            {"field": "kind", "title": "Kind", "type": "nominal"},
            {"field": "severity", "title": "Severity", "type": "nominal"},
            {"field": "public_sees", "title": "The public saw", "type": "nominal"},
        ],
        "x": {"field": "began", "type": "temporal"},
    },
}


def test_the_page_shows_the_first_topic_with_the_beginnings_of_incidents(draw: Draw) -> None:
    drawn = draw("over_time", ROWS)

    assert drawn.elements == [
        PERIOD,
        (
            "button_group",
            {
                "options": [{"content": "Debris removal"}, {"content": "People and schools"}],
                "default": [0],
                "style": "PILLS",
                "label": "Topic",
                "required": True,
            },
        ),
        (
            "multiselect",
            {
                "label": "Metrics",
                "options": ["Cleanup a", "Cleanup b"],
                "placeholder": "All",
                "acceptNewOptions": False,
                "selectAll": 1000,
            },
        ),
        COLUMN,
        ("header", "Cleanup a"),
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
                            "made_up": [False, False],
                            "topic": ["Debris removal", "Debris removal"],
                            "shown": ["public value", "public value"],
                        },
                        "mark": {"type": "line", "interpolate": "step-after", "point": True},
                        "encoding": {
                            "color": COLOUR,
                            "strokeDash": DASH,
                            "tooltip": TOOLTIP,
                            "x": {"field": "day", "title": None, "type": "temporal"},
                            "y": {
                                "axis": {"format": ",.2~f", "tickCount": 4},
                                "field": "metric_value",
                                "scale": {"zero": False},
                                "title": ["lots", "(axis not from 0)"],
                                "type": "quantitative",
                            },
                        },
                    },
                    RULES,
                ],
                "height": 300,
            },
        ),
        COLUMN,
        ("header", "Cleanup b"),
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
                            "made_up": [False],
                            "topic": ["Debris removal"],
                            "shown": ["public value"],
                        },
                        "mark": {"type": "line", "interpolate": "step-after", "point": True},
                        "encoding": {
                            "color": COLOUR,
                            "strokeDash": DASH,
                            "tooltip": TOOLTIP,
                            "x": {"field": "day", "title": None, "type": "temporal"},
                            "y": {
                                "axis": {"format": ",.2~f", "tickCount": 4},
                                "field": "metric_value",
                                "scale": {"zero": False},
                                "title": ["things", "(axis not from 0)"],
                                "type": "quantitative",
                            },
                        },
                    },
                    RULES,
                ],
                "height": 300,
            },
        ),
        (
            "caption",
            (
                "Public values as of Nov 20, 2026, 10:00 AM PST. Incidents as of Nov "
                "20, 2026, 10:00 AM PST: a vertical line marks a beginning, solid if "
                "the public saw something wrong (severity high), dashed if not (low). "
                "Pipeline health lists them."
            ),
        ),
        DOWNLOAD,
        ("header", "Two metrics compared"),
        COLUMN,
        (
            "selectbox",
            {
                "label": "First metric",
                "default": 0,
                "options": ["Cleanup a", "Cleanup b", "People x"],
                "acceptNewOptions": False,
            },
        ),
        COLUMN,
        (
            "selectbox",
            {
                "label": "Second metric",
                "default": 0,
                "options": ["Cleanup b", "People x"],
                "acceptNewOptions": False,
            },
        ),
        (
            "vega_lite_chart",
            {
                "data": {
                    "metric_name": ["cleanup_a", "cleanup_a", "cleanup_b"],
                    "day": ["2026-11-18", "2026-11-19", "2026-11-19"],
                    "metric_value": [1000.0, 1100.0, 12.0],
                    "unit_label": ["parcels", "lots", "things"],
                    "made_up": [False, False, False],
                    "topic": ["Debris removal", "Debris removal", "Debris removal"],
                    "height": [90.9090909090909, 100.0, 100.0],
                    "metric": ["Cleanup a", "Cleanup a", "Cleanup b"],
                    "shown": ["public value", "public value", "public value"],
                },
                "mark": {"type": "line", "interpolate": "step-after"},
                "encoding": {
                    "color": {
                        "field": "metric",
                        "legend": {
                            "columns": 1,
                            "labelLimit": 300,
                            "orient": "bottom",
                            "title": " ",
                        },
                        "scale": {"domain": ["Cleanup a", "Cleanup b"]},
                        "type": "nominal",
                    },
                    "strokeDash": {
                        "field": "shown",
                        "legend": {
                            "columns": 1,
                            "labelLimit": 300,
                            "orient": "bottom",
                            "symbolType": "stroke",
                            "title": None,
                        },
                        "scale": {"domain": ["public value"], "range": [[1, 0]]},
                        "type": "nominal",
                    },
                    "tooltip": [
                        {"field": "metric", "title": "Metric", "type": "nominal"},
                        {"field": "day", "title": "Day", "type": "temporal"},
                        {
                            "field": "metric_value",
                            "format": ",.2~f",
                            "title": "Value",
                            "type": "quantitative",
                        },
                        {"field": "unit_label", "title": "Unit", "type": "nominal"},
                    ],
                    "x": {
                        "axis": {"format": "%b %d", "labelOverlap": True},
                        "field": "day",
                        "title": None,
                        "type": "temporal",
                    },
                    "y": {
                        "field": "height",
                        "scale": {"zero": True},
                        "title": "% of the period's highest value",
                        "type": "quantitative",
                    },
                },
                "height": 340,
            },
        ),
    ]
    assert drawn.keys == ["over-time-cleanup_a", "over-time-cleanup_b", "comparison"]
    assert drawn.asked == [
        (
            "published_by_day",
            date(2026, 8, 22),
        ),
        (
            "incidents",
            date(2026, 8, 22),
        ),
    ]
    assert drawn.downloads == [
        (
            "metrics-over-time.csv",
            (
                "metric_name,day (California),metric_value,unit_label,made_up\n"
                "cleanup_a,2026-11-18,1000.0,parcels,False\n"
                "cleanup_a,2026-11-19,1100.0,lots,False\n"
                "cleanup_b,2026-11-19,12.0,things,False\n"
            ),
        )
    ]


@pytest.mark.parametrize(("days", "points"), [(39, True), (40, False)])
def test_a_short_line_marks_its_days(days: int, points: bool, draw: Draw) -> None:
    first = date(2026, 10, 1)
    rows = [
        ("air_x", str(first + timedelta(days=number)), 5, "things", False) for number in range(days)
    ]
    [chart] = draw("over_time", {"published_by_day": rows_of(COLUMNS, *rows)}).of_kind(
        "vega_lite_chart"
    )
    assert chart["layer"][0]["mark"]["point"] is points
    assert chart["height"] == 300


def test_the_newest_day_of_a_long_line_has_a_point_in_its_own_colour(draw: Draw) -> None:
    """The first public day after made-up ones would be no line, and so not be seen."""
    first = date(2026, 9, 1)
    rows = [
        ("air_x", str(first + timedelta(days=number)), number, "things", number < 49)
        for number in range(50)
    ]
    [chart] = draw("over_time", {"published_by_day": rows_of(COLUMNS, *rows)}).of_kind(
        "vega_lite_chart"
    )
    [line, newest] = chart["layer"]
    assert line["mark"]["point"] is False
    assert newest["data"]["day"] == ["2026-10-20"]
    assert newest["data"]["shown"] == ["public value"]
    assert newest["mark"] == {"type": "point", "filled": True, "opacity": 1, "size": 45}
    assert newest["encoding"]["color"] == line["encoding"]["color"]
    assert newest["encoding"]["y"] == line["encoding"]["y"]


def layers(drawn: Drawn) -> list[int]:
    """The number of layers of each metric's chart."""
    return [len(chart["layer"]) for chart in drawn.of_kind("vega_lite_chart") if "layer" in chart]


def test_a_day_without_incidents_has_no_marks(draw: Draw) -> None:
    drawn = draw("over_time", {"published_by_day": ROWS["published_by_day"]})
    assert layers(drawn) == [1, 1]
    assert drawn.of_kind("caption") == [
        f"No incident was open in this period. {AS_OF}",
        "Public values as of Nov 20, 2026, 10:00 AM PST.",
    ]


def test_incidents_before_the_charts_days_are_no_marks(draw: Draw) -> None:
    early = rows_of(INCIDENTS, ("load", "low", "epa", "2026-11-18 07:59", "nothing"))
    assert layers(draw("over_time", {**ROWS, "incidents": early})) == [1, 1]
    midnight = rows_of(INCIDENTS, ("load", "low", "epa", "2026-11-18 08:00", "nothing"))
    marked = draw("over_time", {**ROWS, "incidents": midnight}).of_kind("vega_lite_chart")
    assert marked[0]["layer"][1]["data"]["began"] == ["2026-11-18"]


def test_only_the_chosen_topic_and_metrics_are_shown(draw: Draw) -> None:
    drawn = draw("over_time", ROWS)
    drawn.app.multiselect[0].set_value(["cleanup_b"]).run()
    assert drawn.of_kind("header") == ["Cleanup b", COMPARED]
    assert drawn.downloads[-1][1].count("\n") == 2
    drawn.app.pills[0].set_value("People and schools").run()
    assert drawn.of_kind("header") == ["People x", COMPARED]


def test_a_metric_of_no_topic_is_shown_under_other(draw: Draw) -> None:
    rows = rows_of(COLUMNS, ("zoo*", "2026-11-17", 12, "things", False))
    drawn = draw("over_time", {"published_by_day": rows})
    assert drawn.of_kind("button_group")[1]["options"] == [{"content": "Other"}]
    # One metric has no other to be compared with.
    assert drawn.of_kind("header") == [r"Zoo\*"]


def test_made_up_values_are_dotted_and_named(draw: Draw) -> None:
    rows = rows_of(
        COLUMNS,
        ("zoo", "2026-11-17", 11, "things", True),
        ("zoo", "2026-11-18", 12, "things", False),
    )
    drawn = draw("over_time", {"published_by_day": rows})
    [chart] = drawn.of_kind("vega_lite_chart")
    [line] = chart["layer"]
    made_up = "made-up value, never public"
    assert chart["data"]["shown"] == [made_up, "public value"]
    dash = line["encoding"]["strokeDash"]
    dashes = dict(zip(dash["scale"]["domain"], dash["scale"]["range"], strict=True))
    assert dashes[made_up] != dashes["public value"]
    assert dash["legend"]["values"] == ["public value", made_up]
    assert "values until Nov 17, 2026 are made up" in drawn.of_kind("caption")[-1]


@pytest.mark.parametrize(
    ("values", "zero", "title"),
    [
        ((50, 100), True, "things"),
        ((51, 100), False, ["things", "(axis not from 0)"]),
        ((0, 0), True, "things"),
    ],
)
def test_an_axis_that_does_not_start_at_zero_says_so(
    values: tuple[int, int], zero: bool, title: object, draw: Draw
) -> None:
    days = zip(("2026-11-17", "2026-11-18"), values, strict=True)
    rows = rows_of(COLUMNS, *(("zoo", day, value, "things", False) for day, value in days))
    [chart] = draw("over_time", {"published_by_day": rows}).of_kind("vega_lite_chart")
    axis = chart["layer"][0]["encoding"]["y"]
    assert axis["scale"] == {"zero": zero}
    assert axis["title"] == title


@pytest.mark.parametrize(
    ("unit", "title", "heights"),
    [
        ("parcels", "parcels", [5.0, 10.0, 3.0, 4.0]),
        ("schools", "% of the period's highest value", [50.0, 100.0, 75.0, 100.0]),
    ],
)
def test_two_metrics_share_an_axis_that_starts_at_zero(
    unit: str, title: str, heights: list[float], draw: Draw
) -> None:
    rows = rows_of(
        COLUMNS,
        ("cleanup_a", "2026-11-17", 5, "parcels", False),
        ("cleanup_a", "2026-11-18", 10, "parcels", False),
        ("people_x", "2026-11-17", 3, unit, False),
        ("people_x", "2026-11-18", 4, unit, False),
    )
    drawn = draw("over_time", {"published_by_day": rows})
    chart = drawn.of_kind("vega_lite_chart")[-1]
    assert drawn.keys[-1] == "comparison"
    assert chart["data"]["height"] == heights
    assert chart["encoding"]["y"]["title"] == title
    assert chart["encoding"]["y"]["scale"] == {"zero": True}
    assert chart["encoding"]["color"]["scale"] == {"domain": ["Cleanup a", "People x"]}


def test_a_metric_that_is_zero_can_be_compared(draw: Draw) -> None:
    rows = rows_of(
        COLUMNS,
        ("cleanup_a", "2026-11-17", 0, "parcels", False),
        ("people_x", "2026-11-17", 3, "people", False),
    )
    drawn = draw("over_time", {"published_by_day": rows})
    assert drawn.of_kind("vega_lite_chart")[-1]["data"]["height"] == [0.0, 100.0]


def test_other_metrics_can_be_compared(draw: Draw) -> None:
    drawn = draw("over_time", ROWS)
    drawn.app.selectbox[0].set_value("people_x").run()
    drawn.app.selectbox[1].set_value("cleanup_b").run()
    chart = drawn.of_kind("vega_lite_chart")[-1]
    assert chart["encoding"]["color"]["scale"] == {"domain": ["People x", "Cleanup b"]}
