"""The view Warehouse cost: everything on the page, and what its choices change."""

from datetime import date

import pytest

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import (
    COLUMN,
    DOWNLOAD,
    PERIOD,
    Draw,
    rows_of,
)

COLUMNS: dict[str, Kind] = {
    "day": "day",
    "source": "text",
    "dag": "text",
    "warehouse": "text",
    "statements": "count",
    "failures": "count",
    "seconds": "number",
    "bytes_scanned": "count",
    "share": "number",
}
ROWS = {
    "warehouse_cost": rows_of(
        COLUMNS,
        ("2026-11-19", "epa", "epa", "LOADING", 3, 0, 1010.5, 10**9, 0.25),
        ("2026-11-19", "epa", "check", "LOADING", 1, 0, 4.0, 0, 0.25),
        ("2026-11-20", "epa", "epa", "LOADING", 1000, 2, 20.0, 26 * 10**7, 0.25),
        ("2026-11-20", "usace", "usace", "TRANSFORMING", 4, 1, 2000.0, 5 * 10**6, 0.25),
    )
}


def test_the_page_shows_the_seconds_by_source_and_day(draw: Draw) -> None:
    drawn = draw("cost", ROWS)

    assert drawn.elements == [
        PERIOD,
        (
            "button_group",
            {
                "options": [{"content": "Source"}, {"content": "DAG"}, {"content": "Warehouse"}],
                "default": [0],
                "label": "By",
                "required": True,
            },
        ),
        (
            "multiselect",
            {
                "label": "Show",
                "options": ["epa", "usace"],
                "placeholder": "All",
                "acceptNewOptions": False,
                "selectAll": 1000,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Statements",
                "body": "1,008",
                "direction": "NONE",
                "color": "GRAY",
                "showBorder": True,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Seconds",
                "body": "3,034",
                "direction": "NONE",
                "color": "GRAY",
                "showBorder": True,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Scanned",
                "body": "1.26 GB",
                "direction": "NONE",
                "color": "GRAY",
                "showBorder": True,
            },
        ),
        (
            "vega_lite_chart",
            {
                "data": {
                    "day": ["2026-11-19", "2026-11-20", "2026-11-20"],
                    "part": ["epa", "epa", "usace"],
                    "seconds": [1014.5, 20.0, 2000.0],
                },
                "mark": {"type": "bar"},
                "encoding": {
                    "color": {
                        "field": "part",
                        "legend": {"columns": 3, "orient": "top", "title": " "},
                        "scale": {"domain": ["usace", "epa"]},
                        "type": "nominal",
                    },
                    "tooltip": [
                        {"field": "day", "type": "temporal"},
                        {"field": "part", "type": "nominal"},
                        {"field": "seconds", "format": ",.1f", "type": "quantitative"},
                    ],
                    "x": {
                        "axis": {"format": "%b %d", "labelAngle": -45},
                        "field": "day",
                        "timeUnit": "yearmonthdate",
                        "title": None,
                        "type": "ordinal",
                    },
                    "y": {"field": "seconds", "title": "seconds", "type": "quantitative"},
                },
                "height": 320,
            },
        ),
        (
            "dataframe",
            {
                "columns": {
                    "source": {"label": "Source"},
                    "dag": {"label": "DAG"},
                    "warehouse": {"label": "Warehouse"},
                    "statements": {"label": "Statements"},
                    "failures": {"label": "Failed, of these"},
                    "seconds": {
                        "label": "Seconds",
                        "type_config": {"type": "number", "format": "%.1f"},
                    },
                    "bytes_scanned": {
                        "label": "Bytes scanned",
                        "type_config": {"type": "number", "format": "bytes"},
                    },
                    "share": {
                        "label": "Share of seconds",
                        "type_config": {"type": "number", "format": "percent"},
                    },
                    "_index": {"hidden": True},
                },
                "rows": {
                    "source": ["usace", "epa", "epa"],
                    "dag": ["usace", "epa", "check"],
                    "warehouse": ["TRANSFORMING", "LOADING", "LOADING"],
                    "statements": [4, 1003, 1],
                    "failures": [1, 2, 0],
                    "seconds": [2000.0, 1030.5, 4.0],
                    "bytes_scanned": [5000000, 1260000000, 0],
                    "share": [0.25, 0.5, 0.25],
                },
            },
        ),
        (
            "caption",
            (
                "As of Nov 20, 2026, 10:00 AM PST; Snowflake's history is up to 45 "
                "minutes late. Seconds are those of the statements, from start to end. "
                "Snowflake bills credits for as long as a warehouse is awake: "
                "docs/observability.md has the query."
            ),
        ),
        DOWNLOAD,
    ]
    assert drawn.keys == ["cost-days"]
    assert drawn.asked == [
        (
            "warehouse_cost",
            date(2026, 8, 22),
        )
    ]
    assert drawn.downloads == [
        (
            "warehouse-cost.csv",
            (
                "day (California),source,dag,warehouse,statements,failures,seconds,"
                "bytes_scanned,share\n"
                "2026-11-19,epa,epa,LOADING,3,0,1010.5,1000000000,0.25\n"
                "2026-11-19,epa,check,LOADING,1,0,4.0,0,0.25\n"
                "2026-11-20,epa,epa,LOADING,1000,2,20.0,260000000,0.25\n"
                "2026-11-20,usace,usace,TRANSFORMING,4,1,2000.0,5000000,0.25\n"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("grouping", "parts", "seconds"),
    [
        ("DAG", ["check", "epa", "epa", "usace"], [4.0, 1010.5, 20.0, 2000.0]),
        ("Warehouse", ["LOADING", "LOADING", "TRANSFORMING"], [1014.5, 20.0, 2000.0]),
    ],
)
def test_the_seconds_are_grouped_by_what_is_chosen(
    grouping: str, parts: list[str], seconds: list[float], draw: Draw
) -> None:
    drawn = draw("cost", ROWS)
    drawn.app.segmented_control[1].set_value(grouping).run()
    [chart] = drawn.of_kind("vega_lite_chart")
    assert chart["data"]["part"] == parts
    assert chart["data"]["seconds"] == seconds
    assert drawn.of_kind("multiselect")[0]["options"] == sorted(set(parts))


def test_only_what_is_chosen_is_counted(draw: Draw) -> None:
    drawn = draw("cost", ROWS)
    drawn.app.multiselect[0].set_value(["usace"]).run()
    assert drawn.of_kind("metric")[0]["body"] == "4"
    assert drawn.of_kind("dataframe")[0]["rows"]["source"] == ["usace"]
    drawn.app.multiselect[0].set_value([]).run()
    assert drawn.of_kind("dataframe")[0]["rows"]["source"] == ["usace", "epa", "epa"]


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (7, ["s0", "s1", "s2", "s3", "s4", "s5", "s6"]),
        (8, ["s0", "s1", "s2", "s3", "s4", "s5", "all others"]),
    ],
)
def test_more_parts_than_colours_are_shown_as_one(count: int, shown: list[str], draw: Draw) -> None:
    rows = [
        ("2026-11-19", f"s{number}", "epa", "LOADING", 1, 0, 100.0 - number, 1, 0.1)
        for number in range(count)
    ]
    [chart] = draw("cost", {"warehouse_cost": rows_of(COLUMNS, *rows)}).of_kind("vega_lite_chart")
    assert chart["encoding"]["color"]["scale"] == {"domain": shown}
    seconds = dict(zip(chart["data"]["part"], chart["data"]["seconds"], strict=True))
    assert list(seconds) == sorted(shown)
    assert seconds[shown[-1]] == (94.0 if count == 7 else 94.0 + 93.0)
