"""The view Recovery now: everything on the page, and what its choices change."""

from datetime import date

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import (
    COLUMN,
    DOWNLOAD,
    PERIOD,
    Draw,
    buttons,
    card,
    numbers,
    rows_of,
    times,
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
}
DAYS: dict[str, Kind] = {
    "metric_name": "text",
    "day": "day",
    "metric_value": "number",
    "unit_label": "text",
}
TIMES = ("2026-11-20 12:00", "2026-11-20 17:30")
ROWS = {
    "public_now": rows_of(
        COLUMNS,
        ("air_x", 5, "things", "count", "weekly", *TIMES, 5),
        ("cleanup_a", 1200, "things", "count", "daily", *TIMES, 1000),
        ("cleanup_b", 10, "*parcels*", "count", "daily", *TIMES, 12.5),
        ("cleanup_c", 7, "things", "count", "daily", *TIMES, None),
        ("cleanup_d", 7, "things", "count", "daily", *TIMES, 7),
        ("phase2_roe", 7.5, "things", "dollars - millions", "daily", *TIMES, 7),
        ("zoo", 1, "things", "count", "daily", *TIMES, 2),
    ),
    "published_by_day": rows_of(
        DAYS,
        ("cleanup_a", "2026-11-18", 1000, "things"),
        ("cleanup_a", "2026-11-19", 1100, "things"),
        ("cleanup_b", "2026-11-19", 12, "things"),
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
                "7 metrics, public since Nov 20, 2026, 9:30 AM in California. Changes are"
                " since August 22, 2026."
            ),
        ),
        buttons("Topic", "Debris removal", "Water and air", "Other", style="PILLS", required=True),
        COLUMN,
        card(
            "Cleanup a",
            "1,200",
            direction="UP",
            delta="+200",
            help="things; updated Nov 20, 2026, 4:00 AM",
            chartData=[1000.0, 1100.0],
        ),
        COLUMN,
        card(
            "Cleanup b",
            "10",
            direction="DOWN",
            delta="-2.50",
            help="\\*parcels\\*; updated Nov 20, 2026, 4:00 AM",
        ),
        COLUMN,
        card("Cleanup c", "7", delta="new", help="things; updated Nov 20, 2026, 4:00 AM"),
        COLUMN,
        card("Cleanup d", "7", delta="no change", help="things; updated Nov 20, 2026, 4:00 AM"),
        COLUMN,
        card(
            "Phase 2 ROE",
            "$7.50 M",
            direction="UP",
            delta="+$0.50 M",
            help="things; updated Nov 20, 2026, 4:00 AM",
        ),
        COLUMN,
        COLUMN,
        COLUMN,
        ("subheader", "Every metric"),
        (
            "dataframe",
            {
                "columns": {
                    "metric_name": {"label": "Metric"},
                    "metric_value": numbers("Value", "localized"),
                    "unit_label": {"label": "Unit"},
                    "change": numbers("Change", "localized"),
                    "trend": {
                        "label": "Trend",
                        "type_config": {"type": "line_chart", "color": "#0072B2"},
                    },
                    "last_updated": times("Updated (California)"),
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
        ("public_now", date(2026, 8, 22)),
        ("published_by_day", date(2026, 8, 22)),
    ]
    assert drawn.downloads == [
        (
            "recovery-now.csv",
            (
                "topic,metric_name,metric_value,unit_label,change,last_updated,frequency\n"
                "Water and air,air_x,5.0,things,0.0,2026-11-20 12:00:00+00:00,weekly\n"
                "Debris removal,cleanup_a,1200.0,things,200.0,2026-11-20 12:00:00+00:00,"
                "daily\n"
                "Debris removal,cleanup_b,10.0,*parcels*,-2.5,2026-11-20 12:00:00+00:00,"
                "daily\n"
                "Debris removal,cleanup_c,7.0,things,,2026-11-20 12:00:00+00:00,daily\n"
                "Debris removal,cleanup_d,7.0,things,0.0,2026-11-20 12:00:00+00:00,daily\n"
                "Debris removal,phase2_roe,7.5,things,0.5,2026-11-20 12:00:00+00:00,daily\n"
                "Other,zoo,1.0,things,-1.0,2026-11-20 12:00:00+00:00,daily\n"
            ),
        ),
    ]


def test_another_topic_has_its_own_cards(draw: Draw) -> None:
    drawn = draw("now", ROWS)
    drawn.app.pills[0].set_value("Other").run()
    [zoo] = drawn.of_kind("metric")
    assert (zoo["label"], zoo["body"], zoo["delta"]) == ("Zoo", "1", "-1")


def test_without_a_trend_the_values_are_shown_all_the_same(draw: Draw) -> None:
    drawn = draw("now", {"public_now": ROWS["public_now"]})
    assert drawn.elements[1] == ("info", "Nothing was published in this period.")
    assert drawn.of_kind("dataframe")[0]["rows"]["trend"] == [[]] * 7
