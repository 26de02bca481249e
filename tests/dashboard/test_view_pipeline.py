"""The view Pipeline health: everything on the page, and what its choices change."""

from datetime import date
from typing import Any

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import (
    COLUMN,
    DOWNLOAD,
    PERIOD,
    Draw,
    card,
    channel,
    rows_of,
)

NEWEST: dict[str, Kind] = {
    "source": "text",
    "table_name": "text",
    "loaded_at": "time",
    "row_count": "count",
    "rows_before": "count",
    "seconds": "number",
    "source_edited_at": "time",
    "failures_since": "count",
    "reason": "text",
}
LOADS: dict[str, Kind] = {
    "day": "day",
    "source": "text",
    "table_name": "text",
    "loads": "count",
    "failures": "count",
    "longest_seconds": "number",
}
INCIDENTS: dict[str, Kind] = {
    "incident": "text",
    "severity": "text",
    "opened_at": "time",
    "closed_at": "time",
    "hours": "number",
    "public_sees": "text",
}
MOMENTS = ("2026-11-20 12:00", "2026-11-20 11:00")
ROWS = {
    "newest_loads": rows_of(
        NEWEST,
        ("epa", "RAW.S.PARCELS", MOMENTS[0], 1000, 990, 2.5, MOMENTS[1], 0, None),
        ("usace", "RAW.S.DEBRIS", None, None, None, None, None, 2, "it is down"),
    ),
    "newest_value": rows_of({"last_updated": "time"}, ("2026-11-20 15:00",)),
    "loads_by_day": rows_of(
        LOADS,
        ("2026-11-19", "epa", "A", 700, 0, 2.0),
        ("2026-11-19", "epa", "B", 800, 2, 3.0),
        ("2026-11-20", "usace", "C", 1, 1, 4.0),
    ),
    "incidents": rows_of(
        INCIDENTS,
        ("two", "high", "2026-11-20 09:00", None, None, "old values"),
        ("one", "low", "2026-11-18 10:00", "2026-11-18 13:00", 3, "nothing"),
    ),
}

LINES: Any = {
    "color": channel(
        "source",
        "nominal",
        legend={"columns": 1, "labelLimit": 300, "orient": "bottom", "title": None},
        scale={"domain": ["epa", "usace"], "range": ["#0072B2", "#E69F00"]},
    ),
    "tooltip": [
        channel("day", "temporal"),
        channel("source", "nominal"),
        channel("longest_seconds", "quantitative", format=".1f"),
    ],
    "x": channel("day", "temporal", title=None),
    "y": channel("longest_seconds", "quantitative", title="longest load, seconds"),
}


def test_the_page_shows_the_age_of_the_data_the_loads_and_the_incidents(draw: Draw) -> None:
    drawn = draw("pipeline", ROWS)

    assert drawn.elements == [
        ("header", "Age of the data"),
        (
            "dataframe",
            {
                "columns": {
                    "source": {"label": "Source"},
                    "table_name": {"label": "Table"},
                    "loaded_at": {
                        "label": "Last good load (California)",
                        "type_config": {
                            "type": "datetime",
                            "format": "YYYY-MM-DD HH:mm",
                            "timezone": "America/Los_Angeles",
                        },
                    },
                    "age": {
                        "label": "Hours ago",
                        "type_config": {"type": "number", "format": "%.1f"},
                    },
                    "row_count": {
                        "label": "Rows",
                        "type_config": {"type": "number", "format": "localized"},
                    },
                    "change": {
                        "label": "Change",
                        "type_config": {"type": "number", "format": "localized"},
                    },
                    "seconds": {
                        "label": "Seconds",
                        "type_config": {"type": "number", "format": "%.1f"},
                    },
                    "source_edited_at": {
                        "label": "Edited at the source (California)",
                        "type_config": {
                            "type": "datetime",
                            "format": "YYYY-MM-DD HH:mm",
                            "timezone": "America/Los_Angeles",
                        },
                    },
                    "failures_since": {"label": "Failures since"},
                    "reason": {"label": "Reason of the last failure"},
                    "_index": {"hidden": True},
                },
                "placeholder": "",
                "rows": {
                    "source": ["epa", "usace"],
                    "table_name": ["PARCELS", "DEBRIS"],
                    "loaded_at": ["2026-11-20 12:00", None],
                    "age": [6.0, None],
                    "row_count": [1000, None],
                    "change": [10, None],
                    "seconds": [2.5, None],
                    "source_edited_at": ["2026-11-20 11:00", None],
                    "failures_since": [0, 2],
                    "reason": [None, "it is down"],
                },
            },
        ),
        (
            "caption",
            "The newest load of each table, however old, as of Nov 20, 2026, 10:00 AM PST.",
        ),
        (
            "caption",
            (
                "Unchanged sources are not reloaded and not logged, so an old load can "
                "still be current and a listed failure may already be resolved."
            ),
        ),
        (
            "caption",
            (
                "airtable (synced by Fivetran): the newest metric was 3.0 hours old, "
                "as of Nov 20, 2026, 10:00 AM PST."
            ),
        ),
        (
            "caption",
            (
                "page_feedback (synced by Fivetran): the newest metric was 3.0 hours "
                "old, as of Nov 20, 2026, 10:00 AM PST."
            ),
        ),
        ("header", "Loads and incidents"),
        PERIOD,
        ("subheader", "Loads by day"),
        (
            "button_group",
            {
                "options": [{"content": "epa"}, {"content": "usace"}],
                "default": [0, 1],
                "clickMode": "MULTI_SELECT",
                "style": "PILLS",
                "label": "Sources",
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Completed loads",
                "body": "1,501",
                "direction": "NONE",
                "color": "GRAY",
                "showBorder": True,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Failed loads",
                "body": "3",
                "direction": "NONE",
                "color": "GRAY",
                "showBorder": True,
            },
        ),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "mark": {"type": "line"},
                        "encoding": {
                            "color": {
                                "field": "source",
                                "legend": {
                                    "columns": 2,
                                    "labelLimit": 300,
                                    "orient": "bottom",
                                    "title": None,
                                },
                                "scale": {"domain": ["epa", "usace"]},
                                "type": "nominal",
                            },
                            "tooltip": [
                                {"field": "day", "type": "temporal"},
                                {"field": "source", "type": "nominal"},
                                {
                                    "field": "longest_seconds",
                                    "format": ".1f",
                                    "type": "quantitative",
                                },
                            ],
                            "x": {"field": "day", "title": None, "type": "temporal"},
                            "y": {
                                "field": "longest_seconds",
                                "scale": {"zero": True},
                                "title": "longest load, seconds",
                                "type": "quantitative",
                            },
                        },
                    },
                    {
                        "mark": {"type": "circle", "opacity": 1, "size": 40},
                        "encoding": {
                            "color": {
                                "field": "source",
                                "legend": {
                                    "columns": 2,
                                    "labelLimit": 300,
                                    "orient": "bottom",
                                    "title": None,
                                },
                                "scale": {"domain": ["epa", "usace"]},
                                "type": "nominal",
                            },
                            "tooltip": [
                                {"field": "day", "type": "temporal"},
                                {"field": "source", "type": "nominal"},
                                {
                                    "field": "longest_seconds",
                                    "format": ".1f",
                                    "type": "quantitative",
                                },
                            ],
                            "x": {"field": "day", "title": None, "type": "temporal"},
                            "y": {
                                "field": "longest_seconds",
                                "scale": {"zero": True},
                                "title": "longest load, seconds",
                                "type": "quantitative",
                            },
                        },
                    },
                ],
                "data": {
                    "day": ["2026-11-19", "2026-11-20"],
                    "source": ["epa", "usace"],
                    "longest_seconds": [3.0, 4.0],
                },
                "height": 320,
            },
        ),
        ("markdown", "**Failed loads by source:** epa 2\\, usace 1"),
        (
            "vega_lite_chart",
            {
                "data": {
                    "day": ["2026-11-19", "2026-11-20"],
                    "source": ["epa", "usace"],
                    "table_name": ["B", "C"],
                    "failures": [2, 1],
                },
                "mark": {"type": "bar", "size": 8},
                "encoding": {
                    "color": {
                        "field": "source",
                        "legend": {
                            "columns": 2,
                            "labelLimit": 300,
                            "orient": "bottom",
                            "title": " ",
                        },
                        "scale": {"domain": ["epa", "usace"]},
                        "type": "nominal",
                    },
                    "tooltip": [
                        {"field": "day", "type": "temporal"},
                        {"field": "source", "type": "nominal"},
                        {"field": "table_name", "type": "nominal"},
                        {"field": "failures", "type": "quantitative"},
                    ],
                    "x": {"field": "day", "title": None, "type": "temporal"},
                    "y": {
                        "aggregate": "sum",
                        "field": "failures",
                        "title": "failed loads",
                        "type": "quantitative",
                    },
                },
                "height": 240,
            },
        ),
        (
            "caption",
            "As of Nov 20, 2026, 10:00 AM PST. A failed load is not among the completed ones.",
        ),
        DOWNLOAD,
        ("subheader", "Incidents"),
        (
            "markdown",
            (
                "2 in this period; **1 open** as of Nov 20, 2026, 10:00 AM PST. The "
                "incident log is written every 15 minutes: Airflow's page Publication "
                "has the current state."
            ),
        ),
        (
            "dataframe",
            {
                "columns": {
                    "kind": {"label": "Kind"},
                    "severity": {"label": "Severity"},
                    "dag": {"label": "DAG"},
                    "tasks": {"label": "Tasks"},
                    "error": {"label": "Error"},
                    "responder": {"label": "Responder"},
                    "opened_at": {
                        "label": "Opened (California)",
                        "type_config": {
                            "type": "datetime",
                            "format": "YYYY-MM-DD HH:mm",
                            "timezone": "America/Los_Angeles",
                        },
                    },
                    "closed_at": {
                        "label": "Closed (California)",
                        "type_config": {
                            "type": "datetime",
                            "format": "YYYY-MM-DD HH:mm",
                            "timezone": "America/Los_Angeles",
                        },
                    },
                    "hours": {
                        "label": "Hours",
                        "type_config": {"type": "number", "format": "%.1f"},
                    },
                    "public_sees": {"label": "The public saw"},
                    "_index": {"hidden": True},
                },
                "placeholder": "",
                "rows": {
                    "severity": ["high", "low"],
                    "opened_at": ["2026-11-20 09:00", "2026-11-18 10:00"],
                    "closed_at": [None, "2026-11-18 13:00"],
                    "hours": [None, 3.0],
                    "public_sees": ["old values", "nothing"],
                },
            },
        ),
        DOWNLOAD,
    ]
    assert drawn.keys == ["loads", "failed-loads"]
    assert drawn.asked == [
        ("newest_loads",),
        (
            "newest_value",
            "airtable",
        ),
        (
            "newest_value",
            "page_feedback",
        ),
        (
            "loads_by_day",
            date(2026, 8, 22),
        ),
        (
            "incidents",
            date(2026, 8, 22),
        ),
    ]
    assert drawn.downloads == [
        (
            "loads.csv",
            (
                "day (California),source,table_name,loads,failures,longest_seconds\n"
                "2026-11-19,epa,A,700,0,2.0\n"
                "2026-11-19,epa,B,800,2,3.0\n"
                "2026-11-20,usace,C,1,1,4.0\n"
            ),
        ),
        (
            "incidents.csv",
            (
                "incident,severity,opened_at (California),closed_at (California),hours,"
                "public_sees\n"
                "two,high,2026-11-20 01:00:00-08:00,,,old values\n"
                "one,low,2026-11-18 02:00:00-08:00,2026-11-18 05:00:00-08:00,3.0,nothing\n"
            ),
        ),
    ]


def test_only_the_chosen_sources_loads_are_shown(draw: Draw) -> None:
    drawn = draw("pipeline", ROWS)
    drawn.app.pills[0].set_value(["usace"]).run()
    assert drawn.of_kind("metric") == [
        card("Completed loads", "1")[1],
        card("Failed loads", "1")[1],
    ]
    assert drawn.of_kind("vega_lite_chart")[0]["data"]["source"] == ["usace"]
    drawn.app.pills[0].set_value([]).run()
    assert drawn.of_kind("info") == ["Choose a source."]
    assert drawn.of_kind("metric") == []


def test_without_failures_there_is_no_chart_and_an_empty_mart_has_no_age(draw: Draw) -> None:
    loads = rows_of(LOADS, ("2026-11-19", "epa", "A", 700, 0, 2.0))
    empty_mart = rows_of({"last_updated": "time"}, (None,))
    drawn = draw("pipeline", {**ROWS, "loads_by_day": loads, "newest_value": empty_mart})
    assert len(drawn.of_kind("vega_lite_chart")) == 1
    assert drawn.of_kind("metric")[1]["body"] == "0"
    assert not [text for text in drawn.of_kind("caption") if "hours old" in text]


def test_failed_loads_are_named_by_source(draw: Draw) -> None:
    drawn = draw("pipeline", ROWS)
    assert "**Failed loads by source:** epa 2\\, usace 1" in drawn.of_kind("markdown")
    chart = drawn.of_kind("vega_lite_chart")[1]
    assert chart["encoding"]["color"]["field"] == "source"
    assert chart["encoding"]["color"]["legend"]["orient"] == "bottom"


def test_the_age_of_the_data_does_not_depend_on_the_period(draw: Draw) -> None:
    drawn = draw("pipeline", ROWS)
    kinds = [kind for kind, _ in drawn.elements]
    assert kinds.index("dataframe") < kinds.index("button_group")
    drawn.app.segmented_control[0].set_value("30 days").run()
    assert [asked for asked in drawn.asked if asked[0] == "newest_loads"] == [("newest_loads",)] * 2


def test_a_source_whose_loads_of_a_day_all_failed_has_no_length_that_day(draw: Draw) -> None:
    loads = rows_of(
        LOADS, ("2026-11-18", "epa", "A", 1, 0, 2.0), ("2026-11-19", "epa", "A", 0, 3, None)
    )
    drawn = draw("pipeline", {**ROWS, "loads_by_day": loads})
    assert drawn.of_kind("vega_lite_chart")[0]["data"]["day"] == ["2026-11-18"]
    assert [one["body"] for one in drawn.of_kind("metric")] == ["1", "3"]
