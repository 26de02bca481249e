"""The view Page feedback: everything on the page, and what its choices change."""

from datetime import date
from typing import Any

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import COLUMN, DOWNLOAD, PERIOD, Draw, card, rows_of

COLUMNS: dict[str, Kind] = {
    "page": "text",
    "week_starting": "day",
    "responses": "count",
    "helpful_responses": "count",
}
ROWS = {
    "feedback_by_page_and_week": rows_of(
        COLUMNS,
        ("/a", "2026-11-09", 900, 300),
        ("/a", "2026-11-16", 4, 1),
        ("/b", "2026-11-09", 2000, 1000),
    )
}

SQUARE: Any = {
    "color": {
        "field": "share",
        "legend": {
            "format": "%",
            "orient": "top",
            "titleLimit": 300,
            "title": "helpful; small: fewer than 5 answers",
        },
        "scale": {"domain": [0, 1], "scheme": "cividis"},
        "type": "quantitative",
    },
    "tooltip": [
        {"field": "page", "title": "Page", "type": "nominal"},
        {"field": "week_starting", "title": "Week of", "type": "temporal"},
        {
            "field": "share",
            "format": ".0%",
            "title": "Helpful",
            "type": "quantitative",
        },
        {"field": "answers", "title": "Answers", "type": "quantitative"},
    ],
    "x": {
        "axis": {"format": "%b %d", "labelAngle": -45},
        "field": "week_starting",
        "timeUnit": "yearmonthdate",
        "title": None,
        "type": "ordinal",
    },
    "y": {
        "axis": {"labelLimit": 220},
        "field": "page",
        "title": None,
        "type": "nominal",
    },
}


def _mark(side: float) -> dict[str, object]:
    """A square whose side is this part of its week and page."""
    band = {"band": side}
    return {"type": "rect", "stroke": "#767676", "strokeWidth": 0.5, "width": band, "height": band}


def test_the_page_shows_the_answers_by_week_and_page(draw: Draw) -> None:
    drawn = draw("feedback", ROWS)

    assert drawn.elements == [
        PERIOD,
        (
            "multiselect",
            {
                "label": "Pages",
                "options": ["/b", "/a"],
                "placeholder": "All",
                "acceptNewOptions": False,
                "selectAll": 1000,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Answers",
                "body": "2,904",
                "direction": "NONE",
                "color": "GRAY",
                "showBorder": True,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Found the page helpful",
                "body": "45%",
                "direction": "NONE",
                "color": "GRAY",
                "showBorder": True,
            },
        ),
        ("header", "Answers by week"),
        (
            "vega_lite_chart",
            {
                "data": {
                    "week": ["2026-11-09", "2026-11-16", "2026-11-09", "2026-11-16"],
                    "answer": ["Helpful", "Helpful", "Not helpful", "Not helpful"],
                    "answers": [1300, 1, 1600, 3],
                },
                "mark": {"type": "bar"},
                "encoding": {
                    "color": {
                        "field": "answer",
                        "legend": {"orient": "top", "title": " "},
                        "scale": {"domain": ["Helpful", "Not helpful"]},
                        "type": "nominal",
                    },
                    "tooltip": [
                        {"field": "week", "type": "temporal"},
                        {"field": "answer", "type": "nominal"},
                        {"field": "answers", "type": "quantitative"},
                    ],
                    "x": {
                        "axis": {"format": "%b %d", "labelAngle": -45},
                        "field": "week",
                        "timeUnit": "yearmonthdate",
                        "title": None,
                        "type": "ordinal",
                    },
                    "y": {"field": "answers", "title": "answers", "type": "quantitative"},
                },
                "height": 240,
            },
        ),
        ("header", "Helpful share by page and week"),
        (
            "vega_lite_chart",
            {
                "data": {
                    "page": ["/a", "/a", "/b"],
                    "week_starting": ["2026-11-09", "2026-11-16", "2026-11-09"],
                    "responses": [900, 4, 2000],
                    "helpful_responses": [300, 1, 1000],
                    "share": [0.3333333333333333, 0.25, 0.5],
                    "answers": [900, 4, 2000],
                },
                "layer": [
                    {
                        "encoding": SQUARE,
                        "mark": _mark(1),
                        "transform": [{"filter": "(datum.answers >= 5)"}],
                    },
                    {
                        "encoding": SQUARE,
                        "mark": _mark(0.55),
                        "transform": [{"filter": "(datum.answers < 5)"}],
                    },
                ],
                "height": {"step": 26},
            },
        ),
        (
            "caption",
            (
                "As of Nov 20, 2026, 10:00 AM PST. Weeks begin on Mondays, in "
                "California. A small square had fewer than 5 answers: its share says "
                "little."
            ),
        ),
        DOWNLOAD,
    ]
    assert drawn.keys == ["feedback-weeks", "feedback-pages"]
    assert drawn.asked == [
        (
            "feedback_by_page_and_week",
            date(2026, 8, 22),
        )
    ]
    assert drawn.downloads == [
        (
            "page-feedback.csv",
            (
                "page,week_starting (California),responses,helpful_responses,helpful_share\n"
                "/a,2026-11-09,900,300,0.3333\n"
                "/a,2026-11-16,4,1,0.25\n"
                "/b,2026-11-09,2000,1000,0.5\n"
            ),
        )
    ]


def test_only_the_chosen_pages_are_counted(draw: Draw) -> None:
    drawn = draw("feedback", ROWS)
    drawn.app.multiselect[0].set_value(["/a"]).run()
    assert drawn.of_kind("metric") == [
        card("Answers", "904")[1],
        card("Found the page helpful", "33%")[1],
    ]
    drawn.app.multiselect[0].set_value([]).run()
    assert drawn.of_kind("metric")[0] == card("Answers", "2,904")[1]
