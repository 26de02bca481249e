"""The view Recovery now: everything on the page, and what its choices change."""

from datetime import date

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import (
    AS_OF,
    COLUMN,
    DOWNLOAD,
    PERIOD,
    Draw,
    rows_of,
)

COLUMNS: dict[str, Kind] = {
    "metric_name": "text",
    "metric_value": "number",
    "unit_label": "text",
    "metric_type": "text",
    "frequency": "text",
    "last_updated": "time",
    "published_at": "time",
    "value_before": "number",
    "made_up_before": "flag",
}
DAYS: dict[str, Kind] = {
    "metric_name": "text",
    "day": "day",
    "metric_value": "number",
    "unit_label": "text",
    "made_up": "flag",
}
TIMES = ("2026-11-20 12:00", "2026-11-20 17:30")
ROWS = {
    "public_now": rows_of(
        COLUMNS,
        ("air_x", 5, "things", "count", "weekly", *TIMES, 5, False),
        ("cleanup_a", 1200, "things", "count", "daily", *TIMES, 1000, False),
        ("cleanup_b", 10, "*parcels*", "count", "daily", *TIMES, 12.5, False),
        ("cleanup_c", 7, "things", "count", "daily", *TIMES, None, False),
        ("cleanup_d", 7, "things", "count", "daily", *TIMES, 7, False),
        ("phase2_roe", 7.5, "things", "dollars - millions", "daily", *TIMES, 7, False),
        ("zoo", 1, "things", "count", "daily", *TIMES, 2, False),
    ),
    "published_by_day": rows_of(
        DAYS,
        ("cleanup_a", "2026-11-18", 1000, "things", False),
        ("cleanup_a", "2026-11-19", 1100, "things", False),
        ("cleanup_b", "2026-11-19", 12, "things", False),
    ),
}
UPDATED = "updated Nov 20, 2026, 4:00 AM"


def test_the_page_shows_every_metric_and_the_cards_of_the_first_topic(draw: Draw) -> None:
    drawn = draw("now", ROWS)

    assert drawn.elements == [
        PERIOD,
        (
            "caption",
            (
                "7 metrics, public since Nov 20, 2026, 9:30 AM PST; as of Nov 20, 2026,"
                " 10:00 AM PST. Changes are since Aug 22, 2026. A small line shows the "
                "period, from the metric's lowest to its highest value: it does not "
                "start at zero."
            ),
        ),
        (
            "button_group",
            {
                "options": [
                    {"content": "Debris removal"},
                    {"content": "Water and air"},
                    {"content": "Other"},
                ],
                "default": [0],
                "style": "PILLS",
                "label": "Topic",
                "required": True,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Cleanup a",
                "body": "1,200",
                "delta": "+200",
                "direction": "UP",
                "color": "GRAY",
                "help": "things; updated Nov 20, 2026, 4:00 AM PST",
                "showBorder": True,
                "chartData": [1000.0, 1100.0],
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Cleanup b",
                "body": "10",
                "delta": "-2.50",
                "color": "GRAY",
                "help": "\\*parcels\\*; updated Nov 20, 2026, 4:00 AM PST",
                "showBorder": True,
                "direction": "DOWN",
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Cleanup c",
                "body": "7",
                "delta": "new",
                "direction": "NONE",
                "color": "GRAY",
                "help": "things; updated Nov 20, 2026, 4:00 AM PST",
                "showBorder": True,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Cleanup d",
                "body": "7",
                "delta": "no change",
                "direction": "NONE",
                "color": "GRAY",
                "help": "things; updated Nov 20, 2026, 4:00 AM PST",
                "showBorder": True,
            },
        ),
        COLUMN,
        (
            "metric",
            {
                "label": "Phase 2 ROE",
                "body": "$7.50 M",
                "delta": "+$0.50 M",
                "direction": "UP",
                "color": "GRAY",
                "help": "things; updated Nov 20, 2026, 4:00 AM PST",
                "showBorder": True,
            },
        ),
        COLUMN,
        COLUMN,
        COLUMN,
        ("header", "Every metric"),
        (
            "dataframe",
            {
                "columns": {
                    "metric_name": {"label": "Metric"},
                    "metric_value": {
                        "label": "Value",
                        "type_config": {"type": "number", "format": "localized"},
                    },
                    "unit_label": {"label": "Unit"},
                    "change": {
                        "label": "Change",
                        "type_config": {"type": "number", "format": "localized"},
                    },
                    "trend": {
                        "label": "Trend, not from zero",
                        "type_config": {"type": "line_chart"},
                    },
                    "last_updated": {
                        "label": "Updated (California)",
                        "type_config": {
                            "type": "datetime",
                            "format": "YYYY-MM-DD HH:mm",
                            "timezone": "America/Los_Angeles",
                        },
                    },
                    "frequency": {"label": "Frequency"},
                    "topic": {"label": "Topic"},
                    "_index": {"hidden": True},
                },
                "rows": {
                    "topic": [
                        "Debris removal",
                        "Debris removal",
                        "Debris removal",
                        "Debris removal",
                        "Debris removal",
                        "Other",
                        "Water and air",
                    ],
                    "metric_name": [
                        "Cleanup a",
                        "Cleanup b",
                        "Cleanup c",
                        "Cleanup d",
                        "Phase 2 ROE",
                        "Zoo",
                        "Air x",
                    ],
                    "metric_value": [1200.0, 10.0, 7.0, 7.0, 7.5, 1.0, 5.0],
                    "unit_label": [
                        "things",
                        "*parcels*",
                        "things",
                        "things",
                        "things",
                        "things",
                        "things",
                    ],
                    "change": [200.0, -2.5, None, 0.0, 0.5, -1.0, 0.0],
                    "trend": [[1000.0, 1100.0], [12.0], [], [], [], [], []],
                    "last_updated": [
                        "2026-11-20 12:00",
                        "2026-11-20 12:00",
                        "2026-11-20 12:00",
                        "2026-11-20 12:00",
                        "2026-11-20 12:00",
                        "2026-11-20 12:00",
                        "2026-11-20 12:00",
                    ],
                    "frequency": ["daily", "daily", "daily", "daily", "daily", "daily", "weekly"],
                },
            },
        ),
        DOWNLOAD,
    ]
    assert drawn.asked == [
        (
            "public_now",
            date(2026, 8, 22),
        ),
        (
            "published_by_day",
            date(2026, 8, 22),
        ),
    ]
    assert drawn.downloads == [
        (
            "recovery-now.csv",
            (
                "topic,metric_name,metric_value,unit_label,change,last_updated "
                "(California),frequency\n"
                "Water and air,air_x,5.0,things,0.0,2026-11-20 04:00:00-08:00,weekly\n"
                "Debris removal,cleanup_a,1200.0,things,200.0,2026-11-20 04:00:00-08:00,daily\n"
                "Debris removal,cleanup_b,10.0,*parcels*,-2.5,2026-11-20 04:00:00-08:00,daily\n"
                "Debris removal,cleanup_c,7.0,things,,2026-11-20 04:00:00-08:00,daily\n"
                "Debris removal,cleanup_d,7.0,things,0.0,2026-11-20 04:00:00-08:00,daily\n"
                "Debris removal,phase2_roe,7.5,things,0.5,2026-11-20 04:00:00-08:00,daily\n"
                "Other,zoo,1.0,things,-1.0,2026-11-20 04:00:00-08:00,daily\n"
            ),
        )
    ]


def test_another_topic_has_its_own_cards(draw: Draw) -> None:
    drawn = draw("now", ROWS)
    drawn.app.pills[0].set_value("Other").run()
    [zoo] = drawn.of_kind("metric")
    assert (zoo["label"], zoo["body"], zoo["delta"]) == ("Zoo", "1", "-1")


def test_without_a_trend_the_values_are_shown_all_the_same(draw: Draw) -> None:
    drawn = draw("now", {"public_now": ROWS["public_now"]})
    assert drawn.elements[1] == ("info", f"Nothing was published in this period. {AS_OF}")
    assert drawn.of_kind("dataframe")[0]["rows"]["trend"] == [[]] * 7


def test_a_made_up_past_is_marked(draw: Draw) -> None:
    days = rows_of(
        DAYS,
        ("cleanup_a", "2026-11-17", 900, "things", True),
        ("cleanup_a", "2026-11-18", 1000, "things", True),
        ("cleanup_a", "2026-11-19", 1100, "things", False),
    )
    drawn = draw("now", {**ROWS, "published_by_day": days})
    assert drawn.of_kind("warning") == [
        "The history until Nov 18, 2026 is made up: sample data, which was never public. Changes"
        " and small lines that begin there show it."
    ]
    before = ROWS["public_now"].assign(made_up_before=True)
    [text] = draw("now", {**ROWS, "public_now": before}).of_kind("warning")
    assert text.startswith("The history is made up:")
