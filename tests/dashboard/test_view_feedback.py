"""The view Page feedback: everything on the page, and what its choices change."""

from datetime import date

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import COLUMN, DOWNLOAD, PERIOD, Draw, card, channel, rows_of, several

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


def test_the_page_shows_the_answers_by_week_and_page(draw: Draw) -> None:
    drawn = draw("feedback", ROWS)

    assert drawn.elements == [
        PERIOD,
        several("Pages", "/b", "/a"),
        COLUMN,
        card("Answers", "2,904"),
        COLUMN,
        card("Found the page helpful", "45%"),
        ("subheader", "Answers by week"),
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
                    "color": channel(
                        "answer",
                        "nominal",
                        legend={"orient": "top", "title": " "},
                        scale={
                            "domain": ["Helpful", "Not helpful"],
                            "range": ["#0072B2", "#8C8C8C"],
                        },
                    ),
                    "tooltip": [
                        channel("week", "temporal"),
                        channel("answer", "nominal"),
                        channel("answers", "quantitative"),
                    ],
                    "x": channel(
                        "week",
                        "ordinal",
                        axis={"format": "%b %d", "labelAngle": -45},
                        timeUnit="yearmonthdate",
                        title=None,
                    ),
                    "y": channel("answers", "quantitative", title="answers"),
                },
                "height": 240,
            },
        ),
        ("subheader", "Helpful share by page and week"),
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
                "mark": {"type": "rect"},
                "encoding": {
                    "color": channel(
                        "share",
                        "quantitative",
                        legend={"format": "%", "orient": "top", "title": "helpful"},
                        scale={"domain": [0, 1], "scheme": "cividis"},
                    ),
                    "opacity": {
                        "condition": {"test": "datum.answers >= 5", "value": 1},
                        "value": 0.45,
                    },
                    "tooltip": [
                        channel("page", "nominal", title="Page"),
                        channel("week_starting", "temporal", title="Week of"),
                        channel("share", "quantitative", format=".0%", title="Helpful"),
                        channel("answers", "quantitative", title="Answers"),
                    ],
                    "x": channel(
                        "week_starting",
                        "ordinal",
                        axis={"format": "%b %d", "labelAngle": -45},
                        timeUnit="yearmonthdate",
                        title=None,
                    ),
                    "y": channel("page", "nominal", axis={"labelLimit": 220}, title=None),
                },
                "height": {"step": 26},
            },
        ),
        (
            "caption",
            (
                "Weeks begin on Mondays, in California. A paler square had fewer than 5"
                " answers: its share says little."
            ),
        ),
        DOWNLOAD,
    ]
    assert drawn.keys == ["feedback-weeks", "feedback-pages"]
    assert drawn.asked == [("feedback_by_page_and_week", date(2026, 8, 22))]
    assert drawn.downloads == [
        (
            "page-feedback.csv",
            (
                "page,week_starting,responses,helpful_responses,helpful_share\n"
                "/a,2026-11-09,900,300,0.3333\n"
                "/a,2026-11-16,4,1,0.25\n"
                "/b,2026-11-09,2000,1000,0.5\n"
            ),
        ),
    ]


def test_only_the_chosen_pages_are_counted(draw: Draw) -> None:
    drawn = draw("feedback", ROWS)
    drawn.app.multiselect[0].set_value(["/a"]).run()
    assert drawn.of_kind("metric") == [
        card("Answers", "904")[1],
        card("Found the page helpful", "33%")[1],
    ]
    drawn.app.multiselect[0].set_value([]).run()
    assert drawn.elements[-1] == ("info", "Choose a page.")
    assert drawn.of_kind("metric") == []
