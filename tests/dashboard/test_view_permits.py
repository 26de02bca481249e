"""The view Permits: everything on the page, and what its choices change."""

from datetime import date
from typing import Any

import pytest

from include.dashboard.queries.read import Kind
from tests.dashboard.drawn import AS_OF, COLUMN, DOWNLOAD, PERIOD, Draw, rows_of

COLUMNS: dict[str, Kind] = {
    "metric_name": "text",
    "metric_value": "number",
    "value_before": "number",
    "last_updated": "time",
    "made_up_before": "flag",
}
AT = "2026-11-20 12:00"
ROWS = {
    "public_now": rows_of(
        COLUMNS,
        ("county_building_permits_issued", 3, 2, AT, False),
        ("la_city_applications_received", 0, None, AT, False),
        ("la_city_permits_issued", 0, None, AT, False),
        ("malibu_rebuild_applications_received", 50, 40, AT, False),
        ("pasadena_building_permits_issued", 300, 200, AT, False),
        ("pasadena_rebuild_applications_in_review", 500, None, "2026-11-20 13:00", False),
        ("pasadena_rebuild_applications_received", 1200, 1000, AT, False),
        ("zoo", 1, 2, AT, False),
    )
}

TOOLTIP: Any = [
    {"field": "step", "title": "Step", "type": "nominal"},
    {"field": "metric_value", "format": ",", "title": "Now", "type": "quantitative"},
    {"field": "value_before", "format": ",", "title": "Before", "type": "quantitative"},
]
COLOUR: Any = {
    "field": "step",
    "legend": None,
    "scale": {"domain": ["Received", "In review", "Issued"]},
    "type": "nominal",
}
Y: Any = {
    "field": "step",
    "sort": ["Received", "In review", "Issued"],
    "title": None,
    "type": "nominal",
}
TEXT: Any = {"type": "text", "align": "left", "dx": 4, "fontSize": 13}


def test_the_page_shows_each_citys_steps(draw: Draw) -> None:
    drawn = draw("permits", ROWS)

    assert drawn.elements == [
        PERIOD,
        (
            "button_group",
            {
                "options": [
                    {"content": "Pasadena"},
                    {"content": "Malibu"},
                    {"content": "LA city"},
                    {"content": "LA County"},
                ],
                "default": [0, 1, 2, 3],
                "clickMode": "MULTI_SELECT",
                "style": "PILLS",
                "label": "City or county",
            },
        ),
        COLUMN,
        ("header", "Pasadena"),
        ("markdown", "**25%** of 1,200 applications have their permit."),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "mark": {"type": "bar"},
                        "encoding": {
                            "color": COLOUR,
                            "tooltip": TOOLTIP,
                            "x": {
                                "axis": None,
                                "field": "metric_value",
                                "scale": {"domain": [0, 1800.0]},
                                "type": "quantitative",
                            },
                            "y": Y,
                        },
                    },
                    {
                        "mark": TEXT,
                        "encoding": {
                            "color": {"datum": "Received"},
                            "text": {"field": "text", "type": "nominal"},
                            "x": {
                                "axis": None,
                                "field": "metric_value",
                                "scale": {"domain": [0, 1800.0]},
                                "type": "quantitative",
                            },
                            "y": Y,
                        },
                    },
                ],
                "data": {
                    "metric_name": [
                        "pasadena_building_permits_issued",
                        "pasadena_rebuild_applications_in_review",
                        "pasadena_rebuild_applications_received",
                    ],
                    "metric_value": [300.0, 500.0, 1200.0],
                    "value_before": [200.0, None, 1000.0],
                    "last_updated": ["2026-11-20 12:00", "2026-11-20 13:00", "2026-11-20 12:00"],
                    "made_up_before": [False, False, False],
                    "place": ["Pasadena", "Pasadena", "Pasadena"],
                    "step": ["Issued", "In review", "Received"],
                    "change": [100.0, None, 200.0],
                    "text": ["300 (+100)", "500 (new)", "1,200 (+200)"],
                },
                "height": 130,
            },
        ),
        ("caption", "Updated Nov 20, 2026, 5:00 AM PST."),
        COLUMN,
        ("header", "Malibu"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "mark": {"type": "bar"},
                        "encoding": {
                            "color": COLOUR,
                            "tooltip": TOOLTIP,
                            "x": {
                                "axis": None,
                                "field": "metric_value",
                                "scale": {"domain": [0, 75.0]},
                                "type": "quantitative",
                            },
                            "y": Y,
                        },
                    },
                    {
                        "mark": TEXT,
                        "encoding": {
                            "color": {"datum": "Received"},
                            "text": {"field": "text", "type": "nominal"},
                            "x": {
                                "axis": None,
                                "field": "metric_value",
                                "scale": {"domain": [0, 75.0]},
                                "type": "quantitative",
                            },
                            "y": Y,
                        },
                    },
                ],
                "data": {
                    "metric_name": ["malibu_rebuild_applications_received"],
                    "metric_value": [50.0],
                    "value_before": [40.0],
                    "last_updated": ["2026-11-20 12:00"],
                    "made_up_before": [False],
                    "place": ["Malibu"],
                    "step": ["Received"],
                    "change": [10.0],
                    "text": ["50 (+10)"],
                },
                "height": 130,
            },
        ),
        ("caption", "Updated Nov 20, 2026, 4:00 AM PST."),
        COLUMN,
        ("header", "LA city"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "mark": {"type": "bar"},
                        "encoding": {
                            "color": COLOUR,
                            "tooltip": TOOLTIP,
                            "x": {
                                "axis": None,
                                "field": "metric_value",
                                "scale": {"domain": [0, 1.0]},
                                "type": "quantitative",
                            },
                            "y": Y,
                        },
                    },
                    {
                        "mark": TEXT,
                        "encoding": {
                            "color": {"datum": "Received"},
                            "text": {"field": "text", "type": "nominal"},
                            "x": {
                                "axis": None,
                                "field": "metric_value",
                                "scale": {"domain": [0, 1.0]},
                                "type": "quantitative",
                            },
                            "y": Y,
                        },
                    },
                ],
                "data": {
                    "metric_name": ["la_city_applications_received", "la_city_permits_issued"],
                    "metric_value": [0.0, 0.0],
                    "value_before": [None, None],
                    "last_updated": ["2026-11-20 12:00", "2026-11-20 12:00"],
                    "made_up_before": [False, False],
                    "place": ["LA city", "LA city"],
                    "step": ["Received", "Issued"],
                    "change": [None, None],
                    "text": ["0 (new)", "0 (new)"],
                },
                "height": 130,
            },
        ),
        ("caption", "Updated Nov 20, 2026, 4:00 AM PST."),
        COLUMN,
        ("header", "LA County"),
        (
            "vega_lite_chart",
            {
                "layer": [
                    {
                        "mark": {"type": "bar"},
                        "encoding": {
                            "color": COLOUR,
                            "tooltip": TOOLTIP,
                            "x": {
                                "axis": None,
                                "field": "metric_value",
                                "scale": {"domain": [0, 4.5]},
                                "type": "quantitative",
                            },
                            "y": Y,
                        },
                    },
                    {
                        "mark": TEXT,
                        "encoding": {
                            "color": {"datum": "Received"},
                            "text": {"field": "text", "type": "nominal"},
                            "x": {
                                "axis": None,
                                "field": "metric_value",
                                "scale": {"domain": [0, 4.5]},
                                "type": "quantitative",
                            },
                            "y": Y,
                        },
                    },
                ],
                "data": {
                    "metric_name": ["county_building_permits_issued"],
                    "metric_value": [3.0],
                    "value_before": [2.0],
                    "last_updated": ["2026-11-20 12:00"],
                    "made_up_before": [False],
                    "place": ["LA County"],
                    "step": ["Issued"],
                    "change": [1.0],
                    "text": ["3 (+1)"],
                },
                "height": 130,
            },
        ),
        ("caption", "Updated Nov 20, 2026, 4:00 AM PST."),
        (
            "caption",
            (
                "The public metrics, as of Nov 20, 2026, 10:00 AM PST; in brackets the "
                "change since Aug 22, 2026. Those of Pasadena and Malibu are counted "
                "from the cities' data; staff enter those of LA's city and county by "
                "hand. An application that was withdrawn, or waits for something else, "
                "is in neither of the later steps."
            ),
        ),
        DOWNLOAD,
    ]
    assert drawn.keys == ["funnel-Pasadena", "funnel-Malibu", "funnel-LA city", "funnel-LA County"]
    assert drawn.asked == [
        (
            "public_now",
            date(2026, 8, 22),
        )
    ]
    assert drawn.downloads == [
        (
            "permits.csv",
            (
                "city_or_county,step,metric_name,metric_value,value_before,change,"
                "last_updated (California)\n"
                "LA County,Issued,county_building_permits_issued,3.0,2.0,1.0,"
                "2026-11-20 04:00:00-08:00\n"
                "LA city,Issued,la_city_permits_issued,0.0,,,2026-11-20 04:00:00-08:00\n"
                "LA city,Received,la_city_applications_received,0.0,,,2026-11-20 04:00:00-08:00\n"
                "Malibu,Received,malibu_rebuild_applications_received,50.0,40.0,10.0,"
                "2026-11-20 04:00:00-08:00\n"
                "Pasadena,In review,pasadena_rebuild_applications_in_review,500.0,,,"
                "2026-11-20 05:00:00-08:00\n"
                "Pasadena,Issued,pasadena_building_permits_issued,300.0,200.0,100.0,"
                "2026-11-20 04:00:00-08:00\n"
                "Pasadena,Received,pasadena_rebuild_applications_received,1200.0,"
                "1000.0,200.0,2026-11-20 04:00:00-08:00\n"
            ),
        )
    ]


def test_only_the_chosen_cities_are_shown_and_all_can_be_downloaded(draw: Draw) -> None:
    drawn = draw("permits", ROWS)
    drawn.app.pills[0].set_value(["LA County", "Malibu"]).run()
    assert drawn.of_kind("header") == ["Malibu", "LA County"]
    assert drawn.downloads[-1] == drawn.downloads[0]


FUNNELS = {
    "Pasadena": (
        "pasadena_rebuild_applications_received",
        "pasadena_rebuild_applications_in_review",
        "pasadena_building_permits_issued",
    ),
    "Malibu": (
        "malibu_rebuild_applications_received",
        "malibu_rebuild_applications_in_review",
        "malibu_building_permits_issued",
    ),
    "LA city": ("la_city_applications_received", "la_city_in_review", "la_city_permits_issued"),
    "LA County": (
        "county_rebuild_applications_received",
        "county_building_plan_reviews_in_process",
        "county_building_permits_issued",
    ),
}


@pytest.mark.parametrize("city", FUNNELS)
def test_each_citys_metrics_are_its_steps(city: str, draw: Draw) -> None:
    values = (200, 100, 50)
    rows = [
        (name, value, None, AT, False) for name, value in zip(FUNNELS[city], values, strict=True)
    ]
    drawn = draw("permits", {"public_now": rows_of(COLUMNS, *rows)})
    assert drawn.of_kind("header") == [city]
    assert drawn.of_kind("markdown") == ["**25%** of 200 applications have their permit."]
    [chart] = drawn.of_kind("vega_lite_chart")
    assert chart["data"]["step"] == ["Received", "In review", "Issued"]


def test_a_publication_without_permits_says_so(draw: Draw) -> None:
    other = rows_of(COLUMNS, ("zoo", 1, 2, AT, False))
    sentence = ("info", "None of the public metrics counts permits.")
    assert draw("permits", {"public_now": other}).elements == [PERIOD, sentence]
    nothing = ("info", f"No permits have been published yet. {AS_OF}")
    assert draw("permits", {}).elements == [PERIOD, nothing]


def test_a_change_from_made_up_values_says_so(draw: Draw) -> None:
    rows = rows_of(COLUMNS, ("malibu_rebuild_applications_received", 50, 40, AT, True))
    drawn = draw("permits", {"public_now": rows})
    [caption] = [text for text in drawn.of_kind("caption") if "in brackets" in text]
    assert "the change since Aug 22, 2026, whose values are made up" in caption


def test_la_county_is_not_called_a_city(draw: Draw) -> None:
    drawn = draw("permits", ROWS)
    assert drawn.of_kind("button_group")[1]["label"] == "City or county"
    assert drawn.downloads[0][1].startswith("city_or_county,")
